import type { JobSummary, Pipeline, Resource } from '../../api/types.ts'
import { stateOfStatus, type State } from '../../parts/state.ts'

/** The word and colour of a job: paused before all, then what runs, then how the last build ended. */
export function stateOfJob({ paused, next_build: next, finished_build: finished }: JobSummary): State | undefined {
  if (paused === true) return 'paused'
  if (next?.status === 'started') return 'running'
  return (finished === undefined ? undefined : stateOfStatus(finished.status)) ?? (next === undefined ? undefined : 'pending')
}

export const lastOfJob = ({ finished_build: finished }: Pick<JobSummary, 'finished_build'>): State | undefined => (finished === undefined ? undefined : stateOfStatus(finished.status))

/** What is said of a job: `unit #31, failed, after gate`. It begins with what its box shows, by which people who speak to their computer name it. */
export function labelOfJob(job: JobSummary): string {
  const state = stateOfJob(job)
  const build = job.next_build ?? job.finished_build
  const after = jobsBefore(job)
  return [build === undefined ? job.name : `${job.name} #${build.name}`, state ?? 'never ran', ...(after.length === 0 ? [] : [`after ${after.join(', ')}`])].join(', ')
}

/** Jobs that its inputs must have passed. */
export const jobsBefore = ({ inputs = [] }: Pick<JobSummary, 'inputs'>): readonly string[] => [...new Set(inputs.flatMap(({ passed = [] }) => passed))]

/** Of a resource: undefined while its checks succeed, or none has run. */
export function stateOfResource({ build }: Resource): State | undefined {
  if (build === undefined || build.status === 'succeeded' || build.status === 'pending') return undefined
  return stateOfStatus(build.status)
}

const worst: readonly State[] = ['failed', 'errored', 'aborted', 'running', 'pending', 'succeeded']

/** As its card on the dashboard: paused before all, else the worst that its jobs tell. */
export function stateOfPipeline({ paused }: Pick<Pipeline, 'paused'>, jobs: readonly JobSummary[]): State {
  if (paused) return 'paused'
  const states = new Set(jobs.map((job) => (job.paused === true ? lastOfJob(job) : stateOfJob(job))))
  return worst.find((state) => states.has(state)) ?? 'pending'
}
