import { useState } from 'preact/hooks'
import type { Build, Job } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import type { PipelineId } from '../../routes/route.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { abort, rerun } from '../../store/build-actions.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { BuildVersions } from './BuildVersions.tsx'
import { durationOf } from '../../store/durations.ts'
import css from './BuildTable.module.css'

export interface BuildRowProps {
  readonly id: PipelineId
  readonly job: Job
  readonly archived: boolean
  readonly build: Build
  readonly usual: number | undefined
}

/** A build: how it ended, why it was made, how long it took against the median; what it got and gave, once it is opened. */
export function BuildRow({ id, job, archived, build, usual }: BuildRowProps): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const state = stateOfStatus(build.status)
  const ended = build.status !== 'pending' && build.status !== 'started'
  const took = durationOf(build)
  return (
    <li class={css.row}>
      <div class={css.line}>
        <a class={css.name} href={href({ page: 'job-build', id, job: job.name, build: build.name, view: {} })}>
          <StateIcon state={state} label="" /> #{build.name}
        </a>
        <span>{state}</span>
        <span>
          {build.end_time !== undefined ? (
            <>
              <Age at={build.end_time * 1000} now={now.value} /> ago
            </>
          ) : build.start_time !== undefined ? (
            `for ${durationText(now.value - build.start_time * 1000)}`
          ) : (
            'waits'
          )}
        </span>
        <span>
          {took !== undefined && durationText(took)} {took !== undefined && usual !== undefined && usual > 0 && build.status === 'succeeded' && <span class="dim">{against(took, usual)}</span>}
        </span>
        <span class={`${css.cause} dim`}>{causeOf(build)}</span>
        <span class={css.acts}>
          <button aria-expanded={open} aria-label={`Versions of #${build.name}`} onClick={() => setOpen(!open)}>
            <span aria-hidden="true">{open ? '▾' : '▸'}</span> Versions
          </button>
          {ended ? <ActionButton action={rerun({ id, job: job.name, archived }, build.name, job.disable_reruns)} name={`Rerun #${build.name}`} /> : <ActionButton action={abort(id.team, build)} name={`Abort #${build.name}`} />}
        </span>
      </div>
      {build.comment !== undefined && build.comment !== '' && <p class={css.comment}>{build.comment}</p>}
      {open && <BuildVersions id={id} build={build.id} />}
    </li>
  )
}

function causeOf({ rerun_of: of, created_by: by }: Build): string {
  if (of !== undefined) return `rerun of #${of.name ?? of.id}${by === undefined ? '' : ` by ${by}`}`
  return by === undefined ? 'by the scheduler' : `by ${by}`
}

/** `+12 %`: against the median. */
function against(took: number, usual: number): string {
  const percent = Math.round((took / usual - 1) * 100)
  return percent === 0 ? 'as usual' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`
}
