import type { JobSummary } from '../../api/types.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { href } from '../../store/navigation.ts'
import { stateOfJob } from '../pipeline/looks.ts'
import css from './ResourceView.module.css'

/** Jobs that get the resource, and those that put it. */
export function UsedByJobs({ id, resource, jobs }: { readonly id: PipelineId; readonly resource: string; readonly jobs: readonly JobSummary[] }): preact.JSX.Element {
  const getting = jobs.filter(({ inputs = [] }) => inputs.some((input) => input.resource === resource))
  const putting = jobs.filter(({ outputs = [] }) => outputs.some((output) => output.resource === resource))
  return (
    <section>
      <h2>Jobs</h2>
      <Jobs id={id} title="get it" jobs={getting} />
      <Jobs id={id} title="put it" jobs={putting} />
      {getting.length + putting.length === 0 && <p class="dim">No job uses it.</p>}
    </section>
  )
}

function Jobs({ id, title, jobs }: { readonly id: PipelineId; readonly title: string; readonly jobs: readonly JobSummary[] }): preact.JSX.Element | null {
  if (jobs.length === 0) return null
  return (
    <p class={css.jobs}>
      <span class="dim">{title}:</span>{' '}
      {jobs.map((job) => (
        <a key={job.id} class={css.job} href={href({ page: 'job', id, job: job.name })}>
          <StateIcon state={stateOfJob(job) ?? 'pending'} /> {job.name}
        </a>
      ))}
    </p>
  )
}
