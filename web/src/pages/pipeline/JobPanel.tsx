import type { BuildSummary, JobSummary, Resource } from '../../api/types.ts'
import { reached, neighbours, jobEdges } from '../../graph/model.ts'
import { Age } from '../../parts/Age.tsx'
import { BuildBars } from '../../parts/BuildBars.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import type { PipelineId } from '../../routes/route.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { useJob, useJobStats } from '../../store/job.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { pauseOrUnpauseJob } from '../../store/job-actions.ts'
import { lastBuilds, median, slowestStep } from '../../store/durations.ts'
import { TriggerWith } from '../job/TriggerWith.tsx'
import { WhyList } from '../job/WhyList.tsx'
import { stateOfJob } from './looks.ts'
import { PanelInputs } from './PanelInputs.tsx'
import css from './JobPanel.module.css'

export interface JobPanelProps {
  readonly id: PipelineId
  readonly archived: boolean
  readonly job: JobSummary
  /** All of the pipeline, to say what it unblocks. */
  readonly jobs: readonly JobSummary[]
  readonly resources: readonly Resource[]
  readonly onClose: () => void
}

const shownBuilds = 20

/** The job that is selected in the graph: its last builds, why the next waits, its inputs and what comes after it. */
export function JobPanel({ id, archived, job, jobs, resources, onClose }: JobPanelProps): preact.JSX.Element {
  const state = useJob({ id, job: job.name, jobId: job.id })
  const stats = useJobStats({ id, job: job.name, last: shownBuilds, newest: job.finished_build?.id })
  const data = state.kind === 'ready' ? state.data : undefined
  const builds = lastBuilds(data?.builds ?? [], shownBuilds)
  const took = median(builds)
  const slow = stats && slowestStep(stats)
  const newest = job.next_build ?? job.finished_build
  const one = { id, job: job.name, archived }
  return (
    <aside class={css.panel} aria-label={`Job ${job.name}`}>
      <h2 class={css.title}>
        <StateIcon state={stateOfJob(job) ?? 'pending'} />
        <a href={href({ page: 'job', id, job: job.name })}>{job.name}</a>
        <button class={css.close} aria-label="Close" title="Escape" onClick={onClose}>
          ✕
        </button>
      </h2>
      <p class={css.sentence}>{newest === undefined ? 'It never ran.' : <Sentence build={newest} />}</p>
      <BuildBars width={300} height={20} states={[...Array.from({ length: shownBuilds - builds.length }, () => undefined), ...builds.map(({ status }) => stateOfStatus(status))]} />
      <div class={css.actions}>
        <TriggerWith now={one} disabled={data?.job.disable_manual_trigger} name={`Trigger ${job.name}`} />
        {newest !== undefined && (
          <a class="button" href={href({ page: 'job-build', id, job: job.name, build: newest.name, view: {} })}>
            Open #{newest.name}
          </a>
        )}
        <ActionButton action={pauseOrUnpauseJob(one, job.paused === true)} name={`${job.paused === true ? 'Unpause' : 'Pause'} ${job.name}`} />
      </div>
      {data?.why !== undefined && (
        <>
          <h3>{job.next_build?.status === 'pending' ? `#${job.next_build.name} waits` : 'Next build'}</h3>
          <WhyList why={data.why} />
        </>
      )}
      <PanelInputs id={id} job={job} resources={resources} />
      <h3>Unblocks</h3>
      <p>{unblocks(job, jobs)}</p>
      {took !== undefined && (
        <>
          <h3>Took (last {builds.length})</h3>
          <dl class={css.facts}>
            <dt>median</dt>
            <dd>{durationText(took)}</dd>
            {slow !== undefined && (
              <>
                <dt>slowest step: {slow.name}</dt>
                <dd>{durationText(slow.ms)}</dd>
              </>
            )}
          </dl>
        </>
      )}
    </aside>
  )
}

function Sentence({ build: { name, status, start_time: start, end_time: end } }: { readonly build: BuildSummary }): preact.JSX.Element {
  if (end !== undefined) {
    return (
      <>
        #{name} {status} <Age at={end * 1000} now={now.value} /> ago{start !== undefined && ` after ${durationText((end - start) * 1000)}`}
      </>
    )
  }
  return <>{start === undefined ? `#${name} waits to start` : `#${name} running for ${durationText(now.value - start * 1000)}`}</>
}

/** `ship, and through it 14 jobs`. */
function unblocks({ name }: JobSummary, jobs: readonly JobSummary[]): string {
  const all = neighbours(jobs.length, jobEdges(jobs))
  const number = jobs.findIndex((one) => one.name === name)
  const next = all[number]?.after ?? []
  const further = [...reached(all, number, 'after')].filter((one) => !next.includes(one) && one !== number).length
  if (next.length === 0) return 'No job waits for it.'
  const named = next.slice(0, 6).map((one) => jobs[one]?.name)
  return `${named.join(', ')}${next.length > named.length ? ` and ${next.length - named.length} more` : ''}${further === 0 ? '' : `, and through ${next.length === 1 ? 'it' : 'them'} ${further} ${further === 1 ? 'job' : 'jobs'}`}`
}
