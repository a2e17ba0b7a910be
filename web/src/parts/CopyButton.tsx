import { useState } from 'preact/hooks'

/** Takes a text to the clipboard. */
export function CopyButton({ text, name, class: className = '' }: { readonly text: string; readonly name: string; readonly class?: string | undefined }): preact.JSX.Element {
  const [copied, setCopied] = useState<string>()
  return (
    <button class={className} aria-label={name} onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(text))}>
      {copied === text ? 'copied' : 'copy'}
    </button>
  )
}
