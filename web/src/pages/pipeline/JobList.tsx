import type { BuildSummary, JobSummary } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { durationText } from '../../parts/time.ts'
import type { PipelineId } from '../../routes/route.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { jobsBefore, stateOfJob } from './looks.ts'
import css from './JobList.module.css'

export interface JobListProps {
  readonly id: PipelineId
  readonly jobs: readonly JobSummary[]
  /** What the search found; undefined: nothing is looked for. */
  readonly found: ReadonlySet<string> | undefined
  readonly selected: string | undefined
  readonly onSelect: (job: string) => void
}

/** Jobs as a table, in the config's order. */
export function JobList({ id, jobs, found, selected, onSelect }: JobListProps): preact.JSX.Element {
  const shown = jobs.filter(({ name }) => found?.has(name) !== false)
  return (
    <div class={css.scroll}>
      <table class={css.table}>
        <caption class="hidden-visually">Jobs</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Last build</th>
            <th scope="col" class={css.wide}>
              After
            </th>
            <th scope="col">
              <span class="hidden-visually">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((job) => (
            <Row key={job.id} id={id} job={job} selected={job.name === selected} onSelect={onSelect} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class={css.none}>No job has that in its name.</p>}
    </div>
  )
}

function Row({ id, job, selected, onSelect }: { readonly id: PipelineId; readonly job: JobSummary; readonly selected: boolean; readonly onSelect: (job: string) => void }): preact.JSX.Element {
  const state = stateOfJob(job)
  const build = job.next_build ?? job.finished_build
  const before = jobsBefore(job)
  return (
    <tr class={selected ? css.selected : ''}>
      <th scope="row">
        <a class={css.job} href={href({ page: 'job', id, job: job.name })}>
          <StateIcon state={state ?? 'pending'} label="" />
          {job.name}
        </a>
        <span class={css.word}>{state ?? 'never ran'}</span>
      </th>
      <td>
        {build === undefined ? (
          <span class="dim">none</span>
        ) : (
          <>
            <a href={href({ page: 'job-build', id, job: job.name, build: build.name, view: {} })}>#{build.name}</a>{' '}
            <span class="dim">
              {build.end_time !== undefined && (
                <span class={css.part}>
                  <Age at={build.end_time * 1000} now={now.value} /> ago
                </span>
              )}
              {build.end_time !== undefined && build.start_time !== undefined && ', '}
              <span class={css.part}>{lasted(build)}</span>
            </span>
          </>
        )}
      </td>
      <td class={`${css.wide} dim`}>{before.join(', ')}</td>
      <td class={css.more}>
        <button aria-label={`Details of ${job.name}`} aria-pressed={selected} onClick={() => onSelect(job.name)}>
          Details
        </button>
      </td>
    </tr>
  )
}

function lasted({ start_time: start, end_time: end }: BuildSummary): string {
  if (start === undefined) return end === undefined ? 'waits' : ''
  return end === undefined ? `running for ${durationText(now.value - start * 1000)}` : `took ${durationText((end - start) * 1000)}`
}
