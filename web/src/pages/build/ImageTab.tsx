import type { Build, Image, Step } from '../../api/types.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { dateText } from '../../parts/time.ts'
import { duration } from '../../timeline/scale.ts'
import { Facts, Nothing, type Fact } from './Facts.tsx'
import { FormerDigest } from './FormerDigest.tsx'
import { askedText, bytesText, byText, hiddenText, pullText, readyText } from './image-text.ts'

const origins = { made: 'made for this step', 'prepared-ahead': 'made ready before its turn', 'warm-sandbox': 'begun in a sandbox that was ready', shared: 'shared with checks of the same resource' } as const

export interface ImageTabProps {
  readonly build: Build
  readonly step: Step
  /** All of the build. */
  readonly steps: readonly Step[]
  readonly now: number
}

/** Which image the step ran in, how that was found and fetched, what it waited for, and its container. */
export function ImageTab({ build, step, steps, now }: ImageTabProps): preact.JSX.Element {
  const { image, container, waits, t } = step
  if (image === undefined && container === undefined && waits.length === 0) return <Nothing>{step.state === 'pending' || step.state === 'waiting' ? 'It has no container yet.' : 'It needed no container.'}</Nothing>
  return (
    <>
      {image !== undefined && <Facts title="Image" facts={imageFacts(image, build)} />}
      {image !== undefined && <Facts title="Fetch" facts={fetchFacts(image, hiddenText(step, { steps, now }))} />}
      <Facts
        title="Making ready"
        facts={[
          ['Asked for', askedText(step, { steps, now })],
          ['Image there', t.prepare === undefined || t.pulled === undefined ? undefined : `after ${duration(t.pulled - t.prepare)}`],
          ['Container ready', readyText(step)],
        ]}
      />
      <Facts title="Waits" facts={[...waits.map((wait): Fact => [duration((wait.to ?? now) - wait.from), wait.message]), ...(step.moreWaits === undefined ? [] : [['', `and ${step.moreWaits} more`] as const])]} />
      {container !== undefined && (
        <Facts
          title="Container"
          facts={[
            ['Handle', <code key="handle" class="mono">{container.handle}</code>],
            ['Node', container.node],
            ['Runtime', container.runtime],
            ['State', container.state === 'kept' ? `kept${container.endsAt === undefined ? '' : ` until ${dateText(container.endsAt)}`}` : container.state],
            ['Origin', container.origin && origins[container.origin]],
            ['Intercept', <code key="intercept" class="mono">{`fly -t TARGET intercept --handle ${container.handle}`}</code>],
          ]}
        />
      )}
    </>
  )
}

/** What was asked for, and to what it came. */
const imageFacts = (image: Image, build: Build): readonly Fact[] => [
  ['Reference', <code key="reference" class="mono">{image.reference}</code>],
  ['Digest', image.digest && <><code class="mono">{image.digest}</code> <CopyButton text={image.digest} name="copy digest" /></>],
  ['Last build', image.digest !== undefined && build.job_name !== undefined ? <FormerDigest build={build} image={image} /> : undefined],
  ['Found', `${byText[image.by]}, ${image.requests} ${image.requests === 1 ? 'request' : 'requests'} by this server${image.ms === undefined ? '' : `, ${duration(image.ms)}`}`],
  ['Registry', image.host],
  ['Platform', image.platform],
  ['Policy', image.policy && `${image.policy.allowed ? 'allowed' : 'refused'}${image.policy.reasons.length === 0 ? '' : `: ${image.policy.reasons.join('; ')}`}`],
]

/** How its layers came to where the step ran. */
const fetchFacts = (image: Image, hidden: string | undefined): readonly Fact[] => [
  ['Way', image.native ? 'by the node, from its registry' : `through Airside${image.whyNot === undefined ? '' : `: ${image.whyNot}`}`],
  ['Pull', pullText(image)],
  ['Pulled', hidden],
  ['Layer bytes via Airside', `${bytesText(image.layerBytes)} (counted)`],
]
