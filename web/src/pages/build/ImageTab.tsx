import type { Step } from '../../api/types.ts'
import { dateText } from '../../parts/time.ts'
import { duration } from '../../timeline/scale.ts'
import { Facts, Nothing, type Fact } from './Facts.tsx'
import { bytesText, byText, pullText } from './image-text.ts'

const origins = { made: 'made for this step', 'prepared-ahead': 'made ready before its turn', 'warm-sandbox': 'begun in a sandbox that was ready', shared: 'shared with checks of the same resource' } as const

/** Which image the step ran in, how that was found and fetched, and its container. */
export function ImageTab({ step, now }: { readonly step: Step; readonly now: number }): preact.JSX.Element {
  const { image, container, waits, t } = step
  if (image === undefined && container === undefined && waits.length === 0) return <Nothing>{step.state === 'pending' || step.state === 'waiting' ? 'It has no container yet.' : 'It needed no container.'}</Nothing>
  const made = t.prepare !== undefined && t.ready !== undefined ? t.ready - t.prepare : undefined
  return (
    <>
      {image !== undefined && (
        <Facts
          title="Image"
          facts={[
            ['Reference', <code key="reference" class="mono">{image.reference}</code>],
            ['Digest', image.digest && <code key="digest" class="mono">{image.digest}</code>],
            ['Found', `${byText[image.by]}, ${image.requests} ${image.requests === 1 ? 'request' : 'requests'} by this server${image.ms === undefined ? '' : `, ${duration(image.ms)}`}`],
            ['Registry', image.host],
            ['Platform', image.platform],
            ['Fetched', image.native ? 'by the node, from its registry' : `through Airside${image.whyNot === undefined ? '' : `: ${image.whyNot}`}`],
            ['Pull', pullText(image)],
            ['Layer bytes via Airside', `${bytesText(image.layerBytes)} (counted)`],
            ['Policy', image.policy && `${image.policy.allowed ? 'allowed' : 'refused'}${image.policy.reasons.length === 0 ? '' : `: ${image.policy.reasons.join('; ')}`}`],
          ]}
        />
      )}
      {container !== undefined && (
        <Facts
          title="Container"
          facts={[
            ['Handle', <code key="handle" class="mono">{container.handle}</code>],
            ['Node', container.node],
            ['Runtime', container.runtime],
            ['State', container.state === 'kept' ? `kept${container.endsAt === undefined ? '' : ` until ${dateText(container.endsAt)}`}` : container.state],
            ['Origin', container.origin && origins[container.origin]],
            ['Made ready in', made === undefined ? undefined : duration(made)],
            ['Intercept', <code key="intercept" class="mono">{`fly -t TARGET intercept --handle ${container.handle}`}</code>],
          ]}
        />
      )}
      {waits.length > 0 && (
        <Facts title="Waits" facts={[...waits.map((wait): Fact => [duration((wait.to ?? now) - wait.from), wait.message]), ...(step.moreWaits === undefined ? [] : [['', `and ${step.moreWaits} more`] as const])]} />
      )}
    </>
  )
}
