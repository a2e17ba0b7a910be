import type { Build } from '../../api/types.ts'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import type { PipelineId } from '../../routes/route.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { durationOf, median } from '../../store/durations.ts'
import css from './Trend.module.css'

export interface TrendProps {
  readonly id: PipelineId
  readonly job: string
  /** The oldest first. */
  readonly builds: readonly Build[]
}

const width = 720
const height = 84
const widest = 18

/** How long each of the last builds took, as bars that lead to them, and the median as a line. */
export function Trend({ id, job, builds }: TrendProps): preact.JSX.Element {
  const took = builds.map((build) => durationOf(build) ?? (build.start_time === undefined ? 0 : Math.max(0, now.value - build.start_time * 1000)))
  const usual = median(builds)
  const top = Math.max(1, ...took)
  const pitch = Math.min(widest, width / builds.length)
  const heightOf = (ms: number): number => Math.max(3, (ms / top) * (height - 14))
  return (
    <div class={css.frame}>
      <span class={css.scale}>{durationText(top)}</span>
      {/* As wide as there is room; what it says in words stands beside it, since its text would be stretched too. */}
      <svg class={css.trend} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="group" aria-label={`How long the last ${builds.length} builds took`}>
        <path class={css.ground} d={`M0,${height - 0.5}H${width}`} />
        {builds.map((build, index) => {
          const ms = took[index] ?? 0
          const state = stateOfStatus(build.status)
          const text = `#${build.name} ${state}${ms === 0 ? '' : `, ${durationText(ms)}`}`
          const high = heightOf(ms)
          return (
            <a key={build.id} href={href({ page: 'job-build', id, job, build: build.name, view: {} })} aria-label={text}>
              <title>{text}</title>
              <rect class={css.reach} x={index * pitch} y="0" width={pitch} height={height} />
              <rect class={css[state]} x={index * pitch + 1} y={height - high} width={Math.max(1.5, pitch - 2)} height={high} />
              {state !== 'succeeded' && <path class={css.mark} d={`M${index * pitch + 1},${height - high - 2.5}h${Math.max(1.5, pitch - 2)}`} />}
            </a>
          )
        })}
        {usual !== undefined && <path class={css.median} d={`M0,${height - heightOf(usual)}H${builds.length * pitch}`} />}
      </svg>
    </div>
  )
}
