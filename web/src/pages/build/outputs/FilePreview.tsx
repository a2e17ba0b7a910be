import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../../../api/client.ts'
import { firstBytes, rawUrl, type OutputPlace } from '../../../store/outputs.ts'
import { bytesText } from '../image-text.ts'
import { isPicture, nameText, textOf } from './file-text.ts'
import css from './OutputFiles.module.css'

const most = 64 * 1024
/** A browser loads the whole of a picture that it shows. */
const largestPicture = 8 * 1024 * 1024

export interface FilePreviewProps {
  readonly place: OutputPlace
  readonly path: string
  readonly size: number
  readonly onClose: () => void
}

/** The beginning of a file, as text, or a picture: what it would do in a browser it does not do here. */
export function FilePreview({ place, path, size, onClose }: FilePreviewProps): preact.JSX.Element {
  const name = nameText(path.slice(path.lastIndexOf('/') + 1))
  const text = !isPicture(path) && size > 0
  const section = useRef<HTMLElement>(null)
  // It stands above the list: whoever opens a file far down would not see it.
  useLayoutEffect(() => section.current?.focus(), [])
  return (
    <section ref={section} class={css.preview} aria-label={name} tabIndex={-1}>
      <header>
        <h4>{name}</h4>
        <span class="dim">{size > most && text ? `the first ${bytesText(most)} of ${bytesText(size)}` : bytesText(size)}</span>
        <a class="button" href={rawUrl(place, path)} download="">Download</a>
        <button onClick={onClose}>Close</button>
      </header>
      {text ? <Text place={place} path={path} /> : size === 0 ? <p class="dim">It is empty.</p> : size > largestPicture ? <p class="dim">{`Pictures of more than ${bytesText(largestPicture)} are not shown: download it.`}</p> : <img src={rawUrl(place, path)} alt={name} />}
    </section>
  )
}

type Read = { readonly kind: 'reading' } | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'other' } | { readonly kind: 'failed'; readonly message: string }

function Text({ place, path }: Pick<FilePreviewProps, 'place' | 'path'>): preact.JSX.Element {
  const [read, setRead] = useState<Read>({ kind: 'reading' })
  useEffect(() => {
    const abort = new AbortController()
    firstBytes(place, path, most, abort.signal).then(
      (bytes) => {
        const text = textOf(bytes)
        if (!abort.signal.aborted) setRead(text === undefined ? { kind: 'other' } : { kind: 'text', text })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setRead({ kind: 'failed', message: error instanceof ApiError ? error.message : 'The file could not be read.' })
      },
    )
    return () => abort.abort()
  }, [])
  switch (read.kind) {
    case 'reading': return <p class="dim" role="status">Reading…</p>
    // A region that scrolls is reached by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    case 'text': return <pre class="mono" tabIndex={0}>{read.text}</pre>
    case 'other': return <p class="dim">It is no text: download it.</p>
    case 'failed': return <p role="alert">{read.message}</p>
  }
}
