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
      <Step build={older} label="older build" sign="‹" hrefOf={hrefOf} />
      <ol class={css.bars}>
        {shown.map((build) => (
          <li key={build.id}>
            <a href={hrefOf(build.name)} class={build.id === current.id ? css.current : ''} {...(build.id === current.id && { 'aria-current': 'page' as const })} aria-label={said(build)} title={said(build)}>
              <span class={`${css.bar} ${css[stateOfStatus(build.status)]}`} />
            </a>
          </li>
        ))}
      </ol>
      <Step build={newer} label="newer build" sign="›" hrefOf={hrefOf} />
    </nav>
  )
}

function said({ name, status, start_time: start, end_time: end }: Build): string {
  const took = start === undefined || end === undefined ? '' : `, ${duration((end - start) * 1_000)}`
  return `#${name} ${status === 'started' ? 'running' : status}${took}`
}

function Step({ build, label, sign, hrefOf }: { readonly build: Build | undefined; readonly label: string; readonly sign: string; readonly hrefOf: HistoryProps['hrefOf'] }): preact.JSX.Element {
  if (build === undefined) return <button aria-disabled="true" aria-label={`${label}: none`}>{sign}</button>
  return <a class="button" href={hrefOf(build.name)} aria-label={`${label}, #${build.name}`}>{sign}</a>
}
