import { randomUUID } from 'node:crypto'
import { workAbout } from '../lib/about.ts'
import { messageOf } from '../lib/errors.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { Span, Tracing } from '../lib/span.ts'
import { traced } from '../lib/traced.ts'
import type { Observe } from '../model/happening.ts'
import { Pass, type PassPorts } from './pass.ts'
import type { ClaimedJob, JobSnapshot, SchedulerStore } from './ports.ts'

export interface SchedulerOptions extends PassPorts {
  readonly log: Log
  /** Closed: no pass is made. */
  readonly gate?: Gate
  /** Counts the passes over jobs; absent: nobody does. */
  readonly observe?: Observe | undefined
  /** A pass over a job is a span; absent: nothing is traced. */
  readonly tracing?: Tracing | undefined
}

/** Jobs that are claimed at once. */
const limit = 32
/** After it another scheduler takes a job whose pass has not ended. */
const leaseMs = 10_000
/** The net behind notifications. */
const pollMs = 1_000
/** A pass that failed is repeated after it. */
const afterFailureMs = 5_000

/** Passes over all jobs that are wanted, until none is. A pass that throws is repeated later, and stops no other. */
export function passesOf(store: SchedulerStore, pass: Pass, { owner, clock, log, observe, tracing }: { readonly owner: string } & Pick<SchedulerOptions, 'clock' | 'log' | 'observe' | 'tracing'>): (signal: AbortSignal) => Promise<void> {
  const look = (claimed: ClaimedJob, job: JobSnapshot | undefined): Promise<void> =>
    workAbout(job === undefined ? {} : { team: job.pipeline.team, pipeline: job.pipeline.name, job: job.name }, () => traced(tracing, { name: 'schedule-job' }, (span) => lookAt(claimed, job, span)))
  const lookAt = async (claimed: ClaimedJob, job: JobSnapshot | undefined, span: Span | undefined): Promise<void> => {
    observe?.({ kind: 'job-scheduling' })
    try {
      if (job === undefined) await store.release(claimed.jobId, owner, clock.now() + afterFailureMs) // it was deleted
      else await pass.run(claimed, job)
    } catch (error) {
      log.warn({ err: error, component: 'scheduler' }, 'scheduling a job failed; trying again')
      span?.end(messageOf(error))
      await store.release(claimed.jobId, owner, clock.now() + afterFailureMs)
    } finally {
      observe?.({ kind: 'job-scheduled' })
    }
  }
  return async (signal) => {
    while (!signal.aborted) {
      const claimed = await store.claim(owner, clock.now(), { leaseMs, limit })
      if (claimed.length === 0) return
      const jobs = new Map((await store.read(claimed.map(({ jobId }) => jobId))).map((job) => [job.jobId, job]))
      await Promise.all(claimed.map((one) => look(one, jobs.get(one.jobId))))
    }
  }
}

/** Starts builds of jobs: those that a version triggers, that a person wants, and that are run again. */
export function scheduler(options: SchedulerOptions): Service {
  const { store, log, clock, observe, tracing, gate } = options
  const owner = randomUUID()
  const pass = new Pass(options, owner)

  const passes = passesOf(store, pass, { owner, clock, log, observe, tracing })
  const loop = periodic({ name: 'scheduler', clock, log, everyMs: pollMs, gate, run: passes })
  let unlisten: (() => Promise<void>) | undefined
  return {
    name: 'scheduler',
    async start() {
      unlisten = await store.onWanted(() => loop.wake())
      await loop.start()
    },
    async stop() {
      await unlisten?.()
      await loop.stop()
    },
  }
}
