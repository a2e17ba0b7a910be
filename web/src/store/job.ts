import { useMemo } from 'preact/hooks'
import { apiPath } from './paths.ts'
import type { Build, Job, JobStats, WatchItems, Why } from '../api/types.ts'
import type { PipelineId } from '../routes/route.ts'
import { notLiveSince } from './connection.ts'
import { useAnswer } from './use-answer.ts'
import { useTopic } from './use-topic.ts'

export interface JobData {
  readonly job: Job
  readonly why: Why | undefined
  /** The newest first, at most a hundred. */
  readonly builds: readonly Build[]
}

export type JobState = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly data: JobData } | { readonly kind: 'refused'; readonly status: number }

export interface JobOf {
  readonly id: PipelineId
  readonly job: string
  /** Undefined: not known yet. */
  readonly jobId: number | undefined
}

/** A job, live; where there is no connection for that, what the API says once. */
export function useJob({ id, job, jobId }: JobOf): JobState {
  const topic = useTopic<WatchItems['job/1']>(jobId === undefined ? undefined : `job/${jobId}`)
  const once = jobId !== undefined && topic.kind === 'loading' && notLiveSince.value !== undefined
  const path = (...below: readonly string[]) => (once ? apiPath(id, ['jobs', job, ...below]) : undefined)
  const one = useAnswer<Job>(path())
  const builds = useAnswer<readonly Build[]>(path('builds'))
  const why = useAnswer<Why>(path('why'))
  const items = topic.kind === 'ready' ? topic.items : undefined
  const live = useMemo(() => items && dataOf(items), [items])
  if (topic.kind === 'refused') return topic
  if (live !== undefined) return { kind: 'ready', data: live }
  if (one.kind === 'ready' && builds.kind === 'ready') return { kind: 'ready', data: { job: one.value, builds: builds.value, why: why.kind === 'ready' ? why.value : undefined } }
  return { kind: 'loading' }
}

function dataOf(items: readonly WatchItems['job/1'][]): JobData | undefined {
  const job = items.flatMap((item) => ('job' in item ? [item.job] : []))[0]
  if (job === undefined) return undefined
  // A build that came with a patch stands last.
  const builds = items.flatMap((item) => ('build' in item ? [item.build] : [])).toSorted((a, b) => b.id - a.id)
  return { job, builds, why: items.flatMap((item) => ('why' in item ? [item.why] : []))[0] }
}

/** Durations of a job's last builds and of their steps; asked for again when a build has ended. */
export function useJobStats({ id, job, last, newest }: { readonly id: PipelineId; readonly job: string; readonly last: number; readonly newest: number | undefined }): JobStats | undefined {
  const answer = useAnswer<JobStats>(newest === undefined ? undefined : apiPath(id, ['jobs', job, 'stats'], { last: String(last) }), newest)
  return answer.kind === 'ready' ? answer.value : undefined
}
