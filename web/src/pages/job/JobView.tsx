import { useState } from 'preact/hooks'
import { Notice } from '../../parts/Notice.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus, type State } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { PauseNotice } from '../../shell/PauseNotice.tsx'
import { useJobStats, type JobData } from '../../store/job.ts'
import { href } from '../../store/navigation.ts'
import { pauseOrUnpauseJob } from '../../store/job-actions.ts'
import { giveJobReason } from '../../store/pause-reasons.ts'
import { pauseOrUnpausePipeline } from '../../store/pipeline-actions.ts'
import type { PageProps } from '../registry.ts'
import { BuildTable } from './BuildTable.tsx'
import { lastBuilds, median, slowestStep } from '../../store/durations.ts'
import { JobLimits } from './JobLimits.tsx'
import { Trend } from './Trend.tsx'
import { TriggerWith } from './TriggerWith.tsx'
import { WhyList } from './WhyList.tsx'
import css from './JobView.module.css'

export interface JobViewProps {
  readonly route: PageProps<'job'>['route']
  readonly data: JobData
  readonly archived: boolean
  readonly pipelinePaused: boolean
}

const ofTrend = 100

export function JobView({ route, data: { job, why, builds }, archived, pipelinePaused }: JobViewProps): preact.JSX.Element {
  const { id } = route
  const one = { id, job: job.name, archived }
  const state = stateNow(job.paused === true, job)
  const stats = useJobStats({ id, job: job.name, last: ofTrend, newest: job.finished_build?.id })
  // Those that wait have no duration yet.
  const trend = lastBuilds(builds, ofTrend).filter(({ start_time: start }) => start !== undefined)
  const usual = median(trend)
  const slow = stats && slowestStep(stats)
  const waiting = job.next_build?.status === 'pending' ? job.next_build : undefined
  const [graphShown, setGraphShown] = useState(true)
  return (
    <article class={css.page}>
      <header class={css.bar}>
        <Heading class={css.heading} state={state ?? 'pending'} title={`${job.name} ${state ?? 'never ran'}`}>
          <StateIcon state={state ?? 'pending'} label={state ?? 'never ran'} /> {job.name}
        </Heading>
        <TriggerWith now={one} disabled={job.disable_manual_trigger} typed="T" />
        <ActionButton action={pauseOrUnpauseJob(one, job.paused === true)} />
        <a class="button" href={href({ page: 'pipeline', id, groups: job.groups?.slice(0, 1) ?? [], job: job.name })}>
          Show in graph
        </a>
      </header>
      {archived && <Notice kind="warning">The pipeline is archived: this job does not run.</Notice>}
      {pipelinePaused && !archived && <Notice kind="info" actions={<ActionButton primary action={pauseOrUnpausePipeline({ id, paused: true, archived })} name="Unpause the pipeline" />}>The pipeline is paused: no new builds start.</Notice>}
      {job.paused === true && <PauseNotice what="job" of={job} give={giveJobReason(one)} />}
      <div class={css.columns}>
        <section class={css.next}>
          <h2>{waiting === undefined ? 'Next build' : `#${waiting.name} waits`}</h2>
          {why === undefined ? <p class="dim">{waiting === undefined ? 'It starts when an input with a trigger has a new version.' : 'The scheduler has not said why yet.'}</p> : <WhyList why={why} />}
          <JobLimits id={id} job={job.name} />
        </section>
        {trend.length > 0 && (
          <section>
            <h2>
              {trend.length === 1 ? 'The last build' : `Last ${trend.length} builds`}{' '}
              {trend.length > 1 && (
                <button class={css.fold} aria-expanded={graphShown} onClick={() => setGraphShown(!graphShown)}>
                  {graphShown ? 'Hide' : 'Show'} trend
                </button>
              )}
            </h2>
            {graphShown && trend.length > 1 && <Trend id={id} job={job.name} builds={trend} />}
            <p class="dim">
              {usual !== undefined && `${trend.length > 1 ? 'Median' : 'It took'} ${durationText(usual)}`}
              {slow !== undefined && `; slowest step: ${slow.name}, ${durationText(slow.ms)}`}
            </p>
          </section>
        )}
      </div>
      <BuildTable route={route} job={job} archived={archived} live={builds} usual={usual} />
    </article>
  )
}

function stateNow(paused: boolean, { next_build: next, finished_build: finished }: JobData['job']): State | undefined {
  if (paused) return 'paused'
  if (next !== null && next.status === 'started') return 'running'
  if (finished !== null) return stateOfStatus(finished.status)
  return next === null ? undefined : 'pending'
}
