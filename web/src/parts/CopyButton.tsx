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
  const [copied, setCopied] = useState<string>()
  return (
    <button class={className} aria-label={name} onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(text))}>
      {copied === text ? done : copy}
    </button>
  )
}
