import type { Step } from '../../api/types.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import css from './ImageStrip.module.css'
import { bytesText, hiddenText, pullText, requestsText, shortDigest } from './image-text.ts'

export interface ImageStripProps {
  readonly step: Step
  /** All of the build. */
  readonly steps: readonly Step[]
  readonly now: number
}

/** Where the image that the step ran in came from, in one line. */
export function ImageStrip({ step, steps, now }: ImageStripProps): preact.JSX.Element | null {
  const { image } = step
  if (image === undefined) return null
  const { digest, reference, tag, repository, former } = image
  const pull = [pullText(image), hiddenText(step, { steps, now })].filter((text) => text !== undefined)
  return (
    <div class={css.strip}>
      <b>image</b>
      <code title={reference}>{tag === undefined ? repository : `${repository}:${tag}`}</code>
      {digest !== undefined && (
        <>
          → <code title={digest}>{shortDigest(digest)}</code>
          <CopyButton class={css.copy} text={digest} name="copy digest" />
        </>
      )}
      {digest !== undefined && former !== undefined && <span class={css.pill} title={former.digest}>{former.digest === digest ? `same as in #${former.build}` : `changed since #${former.build}`}</span>}
      <span class={css.pill}>{requestsText(image)}</span>
      {pull.length > 0 && <span class={css.pill}>{pull.join(', ')}</span>}
      <span class={css.pill}>{`${bytesText(image.layerBytes)} via Airside`}</span>
      {image.whyNot !== undefined && <span class={css.pill}>{image.whyNot}</span>}
    </div>
  )
}
