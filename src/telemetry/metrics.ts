import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Happening, Observe } from '../model/happening.ts'
import { BoundedLabels } from './bounded-labels.ts'
import { concourseMetrics } from './concourse-metrics.ts'
import { stateMetrics, type ServerState } from './state-metrics.ts'

export interface MetricsOptions {
  /** Jobs that have series of their own. */
  readonly maxJobs: number
}

export interface Metrics {
  readonly observe: Observe
  /** Metrics of what the server is at the moment, read when somebody asks. */
  watch(state: ServerState): void
  /** In Prometheus' text format. */
  text(): Promise<{ readonly type: string; readonly body: string }>
}

/** Kinds of waiting steps, and log messages, that have series of their own. */
const mostKinds = 500
const mostMessages = 100

/** Counts what happens, under Concourse's names. */
export function createMetrics({ maxJobs }: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const metrics = concourseMetrics(registry)
  const [jobs, kinds, messages] = [new BoundedLabels(maxJobs), new BoundedLabels(mostKinds), new BoundedLabels(mostMessages)]

  const kindOf = ({ team, type, tags }: { readonly team: string; readonly type: string; readonly tags: readonly string[] }) =>
    // Concourse's ids of teams are its own.
    kinds.of({ platform: 'linux', teamId: '', teamName: team, type, workerTags: tags.join('_') })

  function observe(happening: Happening): void {
    switch (happening.kind) {
      case 'build-started': {
        const builds = metrics.builds[happening.check ? 'check' : 'other']
        builds.running.inc()
        if (!happening.resumed) builds.started.inc()
        return
      }
      case 'build-left':
        return metrics.builds[happening.check ? 'check' : 'other'].running.dec()
      case 'build-ended':
        return buildEnded(happening)
      case 'step-waits':
        return metrics.stepsWaiting.inc(kindOf(happening))
      case 'step-waited': {
        const kind = kindOf(happening)
        metrics.stepsWaiting.dec(kind)
        return metrics.stepsWaitDuration.observe(kind, happening.ms / 1000)
      }
      case 'request':
        return metrics.requests.observe({ method: happening.method, route: happening.route, status: String(happening.status) }, happening.ms / 1000)
      case 'query':
        return metrics.queries.inc()
      case 'error-logged':
        return metrics.errors.inc(messages.of({ message: happening.message }))
      case 'check-started':
        metrics.checksEnqueued.inc()
        return metrics.checksStarted.inc()
      case 'check-ended':
        return metrics.checksFinished.inc({ status: happening.succeeded ? 'success' : 'error' })
      case 'job-scheduling':
        return metrics.jobsScheduling.inc()
      case 'job-scheduled':
        metrics.jobsScheduling.dec()
        return metrics.jobsScheduled.inc()
      case 'get-cache-hit':
        return metrics.getCacheHits.inc()
      case 'login':
        return metrics.logins.inc({ outcome: happening.outcome })
    }
  }

  function buildEnded({ check, status, team, pipeline = '', job = '', ms }: Happening & { kind: 'build-ended' }): void {
    const builds = metrics.builds[check ? 'check' : 'other']
    builds.running.dec()
    builds.finished.inc()
    builds[status].inc()
    if (check) return
    const labels = jobs.of({ team, pipeline, job })
    metrics.finishedByJob.inc({ ...labels, status })
    metrics.duration.observe(labels, ms / 1000)
    if (job !== '') metrics.latestStatus.set({ jobName: labels.job, pipelineName: labels.pipeline, teamName: labels.team }, statusNumbers[status])
  }

  let readState = (): Promise<void> => Promise.resolve()
  return {
    observe,
    watch(state) {
      readState = stateMetrics(registry, state)
    },
    async text() {
      await readState()
      return { type: registry.contentType, body: await registry.metrics() }
    },
  }
}

/** As Concourse counts them. */
const statusNumbers = { succeeded: 0, failed: 1, aborted: 2, errored: 3 } as const
