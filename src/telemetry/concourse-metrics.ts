import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const longWaits = [10, 30, 60, 120, 300, 600, 1800, 2400, 3000, 3600]
const buildTimes = [1, 60, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 7200, 18000, 36000]

/** Metrics with the names, labels and buckets of Concourse's Prometheus emitter, and airside_logins_total. */
export function concourseMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) => new Counter<L>({ name, help, labelNames: [...labelNames], registers })
  const gauge = <const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) => new Gauge<L>({ name, help, labelNames: [...labelNames], registers })

  const builds = (prefix: string, what: string) => ({
    started: counter(`${prefix}_started_total`, `Total number of ${what} started.`),
    running: gauge(`${prefix}_running`, `Number of ${what} that this server runs.`),
    finished: counter(`${prefix}_finished_total`, `Total number of ${what} finished.`),
    succeeded: counter(`${prefix}_succeeded_total`, `Total number of ${what} succeeded.`),
    failed: counter(`${prefix}_failed_total`, `Total number of ${what} failed.`),
    errored: counter(`${prefix}_errored_total`, `Total number of ${what} errored.`),
    aborted: counter(`${prefix}_aborted_total`, `Total number of ${what} aborted.`),
  })
  const waiting = ['platform', 'teamId', 'teamName', 'type', 'workerTags'] as const
  return {
    builds: { other: builds('concourse_builds', 'builds'), check: builds('concourse_builds_check', 'check builds') },
    finishedByJob: counter('concourse_builds_finished', 'Count of builds finished across various dimensions.', ['team', 'pipeline', 'job', 'status']),
    duration: new Histogram({ name: 'concourse_builds_duration_seconds', help: 'Build time in seconds', labelNames: ['team', 'pipeline', 'job'], buckets: buildTimes, registers }),
    latestStatus: gauge('concourse_builds_latest_completed_build_status', 'Status of the latest completed build. 0=Success, 1=Failed, 2=Aborted, 3=Errored.', ['jobName', 'pipelineName', 'teamName']),
    jobsScheduled: counter('concourse_jobs_scheduled_total', 'Total number of jobs scheduled.'),
    jobsScheduling: gauge('concourse_jobs_scheduling', 'Number of jobs currently being scheduled.'),
    stepsWaiting: gauge('concourse_steps_waiting', 'Number of build steps that wait for their container.', waiting),
    stepsWaitDuration: new Histogram({ name: 'concourse_steps_wait_duration', help: 'Elapsed time waiting for execution, in seconds', labelNames: waiting, buckets: longWaits, registers }),
    requests: new Histogram({ name: 'concourse_http_responses_duration_seconds', help: 'Response time in seconds', labelNames: ['method', 'route', 'status'], registers }),
    queries: counter('concourse_db_queries_total', 'Total number of database queries'),
    errors: counter('concourse_error_logs', 'Number of errors logged', ['message']),
    checksEnqueued: counter('concourse_lidar_checks_enqueued_total', 'Total number of checks enqueued'),
    checksStarted: counter('concourse_lidar_checks_started_total', 'Total number of checks started'),
    checksFinished: counter('concourse_lidar_checks_finished_total', 'Total number of checks finished.', ['status']),
    getCacheHits: counter('concourse_caches_get_step_cache_hits', 'Total number of get steps that hit the cache'),
    logins: counter('airside_logins_total', 'Logins and refused logins', ['outcome']),
  }
}
