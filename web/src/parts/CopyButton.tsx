import { useState } from 'preact/hooks'

export interface CopyButtonProps {
  readonly text: string
  /** What is read out, where the words alone do not say of what. */
  readonly name?: string
  /** Before and after. */
  readonly words?: readonly [string, string]
  readonly class?: string | undefined
}

/** Takes a text to the clipboard. */
export function CopyButton({ text, name, words: [copy, done] = ['copy', 'copied'], class: className = '' }: CopyButtonProps): preact.JSX.Element {
  const [end, setEnd] = useState<{ readonly text: string; readonly said: string }>()
  const press = (): void =>
    void copyText(text).then(
      () => setEnd({ text, said: done }),
      () => setEnd({ text, said: 'cannot copy' }),
    )
  return (
    <button class={className} aria-label={name} onClick={press}>
      {end?.text === text ? end.said : copy}
    </button>
  )
}

/** Puts a text on the clipboard. Browsers offer pages their clipboard over HTTPS alone; a server on plain HTTP has the older way, which needs a click just before. */
export async function copyText(text: string): Promise<void> {
  // The types know no page on plain HTTP.
  const clipboard = navigator.clipboard as Clipboard | undefined
  if (clipboard !== undefined) return clipboard.writeText(text)
  const give = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  addEventListener('copy', give, { capture: true })
  const copied = document.execCommand('copy')
  removeEventListener('copy', give, { capture: true })
  if (!copied) throw new Error('The browser does not let this page copy.')
}
