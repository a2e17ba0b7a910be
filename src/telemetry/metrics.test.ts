import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import type { ServerState } from './state-metrics.ts'

const ended = (job: string, status: 'succeeded' | 'failed' = 'succeeded') => ({ kind: 'build-ended', check: false, status, team: 'main', pipeline: 'p', job, ms: 61_000 }) as const

const idle: ServerState = {
  database: 'airside', connections: () => 3, events: () => ({ feeds: 1, watchers: 2, bytes: 3, behind: 4 }), intercepts: () => 5, worker: 'docker',
  containers: () => Promise.resolve({ byTeam: [], tasks: 0, prepared: 0 }), volumes: () => Promise.resolve([]),
}

async function lines(metrics: ReturnType<typeof createMetrics>, pattern: RegExp): Promise<string[]> {
  return (await metrics.text()).body.split('\n').filter((line) => pattern.test(line) && !line.startsWith('#'))
}

test('builds are counted under the names of Concourse', async () => {
  const metrics = createMetrics({ maxJobs: 10 })
  for (const check of [false, true]) metrics.observe({ kind: 'build-started', check, resumed: false })
  metrics.observe({ kind: 'build-started', check: false, resumed: true })
  metrics.observe(ended('unit', 'failed'))
  expect(await lines(metrics, /^concourse_builds(_check)?_(started_total|running|finished_total|failed_total|succeeded_total) /)).toEqual([
    'concourse_builds_started_total 1', 'concourse_builds_running 1', 'concourse_builds_finished_total 1', 'concourse_builds_succeeded_total 0', 'concourse_builds_failed_total 1',
    'concourse_builds_check_started_total 1', 'concourse_builds_check_running 1', 'concourse_builds_check_finished_total 0', 'concourse_builds_check_succeeded_total 0', 'concourse_builds_check_failed_total 0',
  ])
  expect(await lines(metrics, /^concourse_builds_(finished\{|latest|duration_seconds_(sum|bucket\{le="(60|180)"))/)).toEqual([
    'concourse_builds_finished{team="main",pipeline="p",job="unit",status="failed"} 1',
    'concourse_builds_duration_seconds_bucket{le="60",team="main",pipeline="p",job="unit"} 0',
    'concourse_builds_duration_seconds_bucket{le="180",team="main",pipeline="p",job="unit"} 1',
    'concourse_builds_duration_seconds_sum{team="main",pipeline="p",job="unit"} 61',
    'concourse_builds_latest_completed_build_status{jobName="unit",pipelineName="p",teamName="main"} 1',
  ])
})

test('a build that another server goes on with is no longer running here, and not finished', async () => {
  const metrics = createMetrics({ maxJobs: 10 })
  metrics.observe({ kind: 'build-started', check: false, resumed: false })
  metrics.observe({ kind: 'build-left', check: false })
  expect(await lines(metrics, /^concourse_builds_(running|finished_total) /)).toEqual(['concourse_builds_running 0', 'concourse_builds_finished_total 0'])
})

test('jobs above the bound, messages and kinds of steps too, share one series each', async () => {
  const metrics = createMetrics({ maxJobs: 2 })
  for (const job of ['a', 'b', 'c', 'd', 'a']) metrics.observe(ended(job))
  expect(await lines(metrics, /^concourse_builds_finished\{/)).toEqual([
    'concourse_builds_finished{team="main",pipeline="p",job="a",status="succeeded"} 2',
    'concourse_builds_finished{team="main",pipeline="p",job="b",status="succeeded"} 1',
    'concourse_builds_finished{team="other",pipeline="other",job="other",status="succeeded"} 2',
  ])
  for (let index = 0; index < 1_000; index++) {
    metrics.observe({ kind: 'error-logged', message: `message ${index}` })
    metrics.observe({ kind: 'step-waits', team: `team ${index}`, type: 'task', tags: [] })
  }
  expect(await lines(metrics, /^concourse_error_logs\{/)).toHaveLength(101)
  expect(await lines(metrics, /^concourse_error_logs\{message="other"/)).toEqual(['concourse_error_logs{message="other"} 900'])
  expect(await lines(metrics, /^concourse_steps_waiting\{/)).toHaveLength(501)
})

test('waits of steps, requests, checks, jobs, queries, caches and logins are counted', async () => {
  const metrics = createMetrics({ maxJobs: 1 })
  const step = { team: 'main', type: 'task', tags: ['gpu', 'big'] } as const
  metrics.observe({ kind: 'step-waits', ...step })
  metrics.observe({ kind: 'step-waited', ...step, ms: 11_000 })
  metrics.observe({ kind: 'request', method: 'GET', route: 'ListTeams', status: 200, ms: 7 })
  metrics.observe({ kind: 'check-started' })
  metrics.observe({ kind: 'check-ended', succeeded: false })
  metrics.observe({ kind: 'job-scheduling' })
  metrics.observe({ kind: 'job-scheduled' })
  for (const kind of ['query', 'get-cache-hit'] as const) metrics.observe({ kind })
  metrics.observe({ kind: 'login', outcome: 'wrong' })
  const kind = 'platform="linux",teamId="",teamName="main",type="task",workerTags="gpu_big"'
  expect(await lines(metrics, /_count|lidar|jobs_|queries|cache_hits|logins|steps_waiting/)).toEqual(expect.arrayContaining([
    `concourse_steps_waiting{${kind}} 0`, `concourse_steps_wait_duration_count{${kind}} 1`, 'concourse_http_responses_duration_seconds_count{method="GET",route="ListTeams",status="200"} 1',
    'concourse_lidar_checks_started_total 1', 'concourse_lidar_checks_enqueued_total 1', 'concourse_lidar_checks_finished_total{status="error"} 1',
    'concourse_jobs_scheduled_total 1', 'concourse_jobs_scheduling 0', 'concourse_db_queries_total 1', 'concourse_caches_get_step_cache_hits 1', 'airside_logins_total{outcome="wrong"} 1',
  ]))
})

test('what a server is at the moment is read at each scrape, and a runtime that does not answer is a stalled worker', async () => {
  const metrics = createMetrics({ maxJobs: 1 })
  let answers = true
  const state: ServerState = {
    ...idle,
    containers: () => Promise.resolve(answers ? { byTeam: [{ team: 'main', tags: [], count: 6 }], tasks: 7, prepared: 8 } : undefined),
    volumes: () => Promise.resolve(answers ? [{ team: 'main', count: 9 }] : undefined),
  }
  metrics.watch(state)
  expect(await lines(metrics, /^(airside_|concourse_workers|concourse_db_conn)/)).toEqual([
    'concourse_db_connections{dbname="airside"} 3', 'airside_event_feeds 1', 'airside_event_watchers 2', 'airside_event_watchers_behind 4', 'airside_event_bytes_sent 3', 'airside_intercepts 5',
    'concourse_workers_containers{worker="docker",platform="linux",team="main",tags=""} 6', 'concourse_workers_volumes{worker="docker",platform="linux",team="main",tags=""} 9',
    'concourse_workers_tasks{worker="docker",platform="linux"} 7', 'concourse_workers_registered{state="running"} 1', 'concourse_workers_registered{state="stalled"} 0', 'airside_prepared_containers 8',
  ])
  answers = false
  expect(await lines(metrics, /^concourse_workers_(registered|containers|volumes)/)).toEqual(['concourse_workers_registered{state="running"} 0', 'concourse_workers_registered{state="stalled"} 1'])
})

const ends = ['started', 'finished', 'succeeded', 'failed', 'errored', 'aborted']
/** Of Concourse's Prometheus emitter, those that mean something here. */
const kept = [
  ...['builds', 'builds_check'].flatMap((builds) => [...ends.map((end) => `counter ${builds}_${end}_total`), `gauge ${builds}_running`]),
  'counter builds_finished', 'histogram builds_duration_seconds', 'gauge builds_latest_completed_build_status',
  'counter jobs_scheduled_total', 'gauge jobs_scheduling', 'gauge steps_waiting', 'histogram steps_wait_duration',
  'histogram http_responses_duration_seconds', 'counter db_queries_total', 'gauge db_connections', 'counter error_logs',
  'counter lidar_checks_started_total', 'counter lidar_checks_enqueued_total', 'counter lidar_checks_finished_total', 'counter caches_get_step_cache_hits',
  'gauge workers_containers', 'gauge workers_volumes', 'gauge workers_tasks', 'gauge workers_registered',
]

async function served(): Promise<readonly { readonly name: string; readonly type: string }[]> {
  const metrics = createMetrics({ maxJobs: 1 })
  metrics.watch(idle)
  return [...(await metrics.text()).body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }))
}

test('all metrics of Concourse that mean something here are served, and no others by its name', async () => {
  const names = (await served()).filter(({ name }) => name.startsWith('concourse_')).map(({ name, type }) => `${type} ${name.slice('concourse_'.length)}`)
  expect(names.toSorted()).toEqual(kept.toSorted())
})

test('docs/operate.md names all metrics but those of the process', async () => {
  const text = await readFile(new URL('../../docs/operate.md', import.meta.url), 'utf8')
  const written = [...text.matchAll(/`((?:concourse|airside)_[a-z_{},]+)`/g)].flatMap(([, name = '']) => alternatives(name))
  expect([...new Set(written)].toSorted()).toEqual((await served()).map(({ name }) => name).filter((name) => !/^(process|nodejs)_/.test(name)).toSorted())
})

/** `a_{b,c}_d` is a_b_d and a_c_d. */
function alternatives(name: string): string[] {
  const [, before = '', list = '', after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name) ?? []
  return list === '' ? [name] : list.split(',').flatMap((one) => alternatives(`${before}${one}${after}`))
}
