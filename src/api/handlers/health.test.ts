import { beforeEach, expect, test } from 'vitest'
import type { CheckQueueState, DatabaseState } from '../../model/health.ts'
import { useApi } from '../testing/database-world.ts'

let database: () => Promise<void>
let changed: (state: DatabaseState) => DatabaseState
let runtime: { all: number; tasks: number } | undefined
let queue: CheckQueueState
beforeEach(() => {
  database = () => Promise.resolve()
  changed = (state) => state
  runtime = { all: 0, tasks: 0 }
  queue = { waiting: 0, oldestMs: 0, running: 0 }
})
const world = useApi(({ worker, database: real }) => ({
  worker: { ...worker, containers: () => Promise.resolve(runtime) },
  database: { check: () => real.check().then(database), state: async () => changed(await real.state()) },
  checkQueue: () => queue,
}))

interface Part { readonly status: string; readonly message?: string; readonly [more: string]: unknown }
interface Health { readonly status: string; readonly database?: Part; readonly migrations?: Part; readonly scheduler?: Part; readonly checks?: Part; readonly workers?: Part; readonly components?: readonly (Part & { readonly name: string; readonly last_ran?: string })[] }
const health = async (as: 'viewer' | 'nobody' = 'viewer') => {
  const answer = await world().call('GET', '/api/v1/health', undefined, { as })
  return { code: answer.statusCode, ...answer.json<Health>() }
}

test('a server that works is ok; people without a login see no more than that', async () => {
  const [full, known] = [await health(), (await world().options.database.state()).migrations.known]
  expect(full.migrations).toEqual({ status: 'healthy', applied: known, known, last_applied: expect.stringMatching(/^\d{4}-.*Z$/) })
  expect(full.scheduler).toEqual({ status: 'healthy', waiting: 0, oldest_wait_seconds: 0 })
  expect(full.checks).toEqual({ status: 'healthy', waiting: 0, oldest_wait_seconds: 0, running: 0 })
  expect(JSON.stringify(full)).not.toContain('message')
  expect(full).toMatchObject({ code: 200, status: 'ok', database: { status: 'healthy' }, workers: { status: 'healthy', total: 1, running: 1 } })
  expect(await health('nobody')).toEqual({ code: 200, status: 'ok' })
})

test('a runtime that does not answer makes the server degraded', async () => {
  runtime = undefined
  expect(await health()).toMatchObject({ code: 200, status: 'degraded', workers: { status: 'unhealthy', running: 0, message: expect.stringMatching(/^The API of docker does not answer: /) } })
})

test('a database that fails makes the server failing, with 503 and the reason', async () => {
  database = () => Promise.reject(new Error('the database is read-only'))
  expect(await health()).toMatchObject({ code: 503, status: 'failing', database: { status: 'unhealthy', error: 'the database is read-only', message: expect.stringContaining('not a standby') } })
  expect(await health('nobody')).toEqual({ code: 503, status: 'failing' })
})

test('a database that can be written and tells nothing of its state is degraded', async () => {
  changed = () => {
    throw new Error('canceling statement due to lock timeout')
  }
  const found = await health()
  expect(found).toMatchObject({ code: 200, status: 'degraded', database: { status: 'unhealthy', error: 'canceling statement due to lock timeout' } })
  expect([found.migrations, found.scheduler]).toEqual([undefined, undefined])
})

test('a database that does not answer in time is failing', async () => {
  const asking = new Promise<void>((resolve) => {
    database = () => {
      resolve()
      return new Promise(() => undefined)
    }
  })
  const asked = health()
  await asking
  await world().clock.advance(5_000)
  expect(await asked).toMatchObject({ code: 503, status: 'failing', database: { error: 'no answer within 5 s' } })
})

test('a job that has waited for more than a minute to be scheduled is unhealthy, unless the scheduler is paused', async () => {
  const waits = (oldestMs: number) => (changed = (state: DatabaseState) => ({ ...state, jobs: { waiting: 3, oldestMs } }))
  waits(60_000)
  expect(await health()).toMatchObject({ status: 'ok', scheduler: { status: 'healthy', waiting: 3, oldest_wait_seconds: 60 } })
  waits(61_000)
  expect(await health()).toMatchObject({ code: 200, status: 'degraded', scheduler: { status: 'unhealthy', oldest_wait_seconds: 61, message: expect.stringMatching(/^A job has waited to be scheduled for 61 s: look in the servers' logs for "scheduling a job failed"/) } })
  await world().call('PUT', '/api/v1/components/scheduler/pause')
  expect(await health()).toMatchObject({ status: 'ok', scheduler: { status: 'healthy', message: expect.stringContaining('is paused') } })
})

test('a job that waits in the database is told of', async () => {
  await world().setPipeline('jobs: [{name: j, plan: []}]')
  expect((await health()).scheduler).toMatchObject({ status: 'healthy', waiting: 1 })
  await world().db.query('update job_schedule set wanted_since = 0')
  expect(await health()).toMatchObject({ status: 'degraded', scheduler: { status: 'unhealthy', waiting: 1 } })
})

test('a check that is due and has waited for more than a minute is unhealthy, unless the scanner is paused', async () => {
  queue = { waiting: 200, oldestMs: 60_000, running: 64 }
  expect(await health()).toMatchObject({ status: 'ok', checks: { status: 'healthy', waiting: 200, oldest_wait_seconds: 60, running: 64 } })
  queue = { ...queue, oldestMs: 61_000 }
  expect(await health()).toMatchObject({ status: 'degraded', checks: { status: 'unhealthy', message: expect.stringMatching(/^A check that is due has waited for 61 s while 64 run: look for checks that hang/) } })
  await world().call('PUT', '/api/v1/components/scanner/pause')
  expect(await health()).toMatchObject({ status: 'ok', checks: { status: 'healthy', message: expect.stringContaining('is paused') } })
})

test('a database with fewer migrations than the server needs is unhealthy; one with more says that a newer version runs', async () => {
  const applied = (more: number) => (changed = (state: DatabaseState) => ({ ...state, migrations: { ...state.migrations, applied: state.migrations.known + more } }))
  applied(-1)
  expect(await health()).toMatchObject({ code: 200, status: 'degraded', migrations: { status: 'unhealthy', message: expect.stringContaining('Restart the servers') } })
  applied(1)
  expect(await health()).toMatchObject({ status: 'ok', migrations: { status: 'healthy', message: expect.stringContaining('Upgrade this server too') } })
})

test('a component that ran and then missed ten intervals is unhealthy, unless it is paused', async () => {
  const { options, clock, call } = world()
  const scanner = async () => (await health()).components?.find(({ name }) => name === 'scanner')
  expect((await scanner())?.last_ran).toBeUndefined()
  ;(options.components as unknown as { gate(name: string): { passed(): void } }).gate('scanner').passed()
  await clock.advance(60_000)
  expect([(await scanner())?.status, (await health()).status]).toEqual(['healthy', 'ok'])
  await clock.advance(1)
  expect([(await scanner())?.status, (await health()).status]).toEqual(['unhealthy', 'degraded'])
  expect((await scanner())?.message).toMatch(/^scanner has not run for ten of its intervals: /)
  await call('PUT', '/api/v1/components/scanner/pause')
  expect((await scanner())?.status).toBe('healthy')
})
