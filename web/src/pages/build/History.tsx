import type { Build } from '../../api/types.ts'
import { stateOfStatus } from '../../parts/state.ts'
import { duration } from '../../timeline/scale.ts'
import css from './History.module.css'

export interface HistoryProps {
  /** The newest first, as the API has them. */
  readonly builds: readonly Build[]
  readonly current: Build
  readonly hrefOf: (name: string) => string
}

/** The builds of the job beside this one; the height of a bar says how bad it was, as everywhere. */
export function History({ builds, current, hrefOf }: HistoryProps): preact.JSX.Element {
  const shown = builds.map((build) => (build.id === current.id ? current : build)).toReversed()
  const at = shown.findIndex(({ id }) => id === current.id)
  const [older, newer] = at < 0 ? [shown.at(-1), undefined] : [shown[at - 1], shown[at + 1]]
  return (
    <nav class={css.history} aria-label="Builds of this job">
      <Step build={older} label="older build" rel="prev" sign="‹" hrefOf={hrefOf} />
      {/* Bars are narrower than a finger: who has no mouse steps with the buttons, or goes to the job's list. */}
      <div class={css.bars} aria-hidden="true">
        {shown.map((build) => (
          <a key={build.id} href={hrefOf(build.name)} tabIndex={-1} class={build.id === current.id ? css.current : ''} title={said(build)}>
            <span class={`${css.bar} ${css[stateOfStatus(build.status)]}`} />
          </a>
        ))}
      </div>
      <Step build={newer} label="newer build" rel="next" sign="›" hrefOf={hrefOf} />
    </nav>
  )
}

function said({ name, status, start_time: start, end_time: end }: Build): string {
  const took = start === undefined || end === undefined ? '' : `, ${duration((end - start) * 1_000)}`
  return `#${name} ${status === 'started' ? 'running' : status}${took}`
}

interface StepProps {
  readonly build: Build | undefined
  readonly label: string
  readonly rel: 'prev' | 'next'
  readonly sign: string
  readonly hrefOf: HistoryProps['hrefOf']
}

function Step({ build, label, rel, sign, hrefOf }: StepProps): preact.JSX.Element {
  if (build === undefined) return <button aria-disabled="true" aria-label={`${label}: none`}>{sign}</button>
  return <a class="button" rel={rel} href={hrefOf(build.name)} aria-label={`${label}, ${said(build)}`}>{sign}</a>
}
