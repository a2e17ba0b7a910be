import { useState } from 'preact/hooks'
import type { Image } from '../../api/types.ts'
import css from './ImageStrip.module.css'
import { bytesText, pullText, requestsText, shortDigest } from './image-text.ts'

/** Where the image that the step ran in came from, in one line. */
export function ImageStrip({ image }: { readonly image: Image }): preact.JSX.Element {
  const pull = pullText(image)
  const [copied, setCopied] = useState(false)
  const { digest, reference, tag, repository } = image
  return (
    <div class={css.strip}>
      <b>image</b>
      <code title={reference}>{tag === undefined ? repository : `${repository}:${tag}`}</code>
      {digest !== undefined && (
        <>
          → <code title={digest}>{shortDigest(digest)}</code>
          <button class={css.copy} aria-label="copy digest" onClick={() => void navigator.clipboard.writeText(digest).then(() => setCopied(true))}>{copied ? 'copied' : 'copy'}</button>
        </>
      )}
      <span class={css.pill}>{requestsText(image)}</span>
      {pull !== undefined && <span class={css.pill}>{pull}</span>}
      <span class={css.pill}>{`${bytesText(image.layerBytes)} via Airside`}</span>
      {image.whyNot !== undefined && <span class={css.pill}>{image.whyNot}</span>}
    </div>
  )
}
