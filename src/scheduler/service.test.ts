import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { openGate, type Gate } from '../lib/gate.ts'
import { silentLog } from '../lib/log.ts'
import type { Tracing } from '../lib/span.ts'
import { fakeTracing } from '../lib/testing/fake-tracing.ts'
import { until } from '../engine/testing/world.ts'
import type { PipelineConfigs } from '../pipelines/configs.ts'
import type { SchedulerStore } from './ports.ts'
import { scheduler } from './service.ts'

/** A store whose jobs cannot be read; it counts what the service asks of it. */
function world(gate: Gate = openGate, tracing?: Tracing) {
  const clock = fakeClock()
  const claims: number[] = []
  const releases: number[] = []
  let wanted = 0
  let wake: () => void = () => undefined
  const store = {
    claim: (_owner: string, now: number) => {
      claims.push(now)
      const some = wanted > 0 ? [{ jobId: 7, wanted: 1 }] : []
      wanted = 0
      return Promise.resolve(some)
    },
    read: () => Promise.resolve([{ jobId: 7, name: 'unit', pipeline: { team: 'main', name: 'p', configVersion: 1 } }]),
    release: (_job: number, _owner: string, notBefore: number) => Promise.resolve(void releases.push(notBefore)),
    onWanted: (callback: () => void) => {
      wake = callback
      return Promise.resolve(() => Promise.resolve(void (wake = () => undefined)))
    },
  } as unknown as SchedulerStore
  const configs = { of: () => Promise.reject(new Error('the config is broken')) } as unknown as PipelineConfigs
  const service = scheduler({ store, configs, checks: { want: () => Promise.resolve() }, reuse: () => Promise.reject(new Error('nothing is run again')), runtime: {}, gate, clock, log: silentLog, tracing })
  return {
    clock, claims, releases, service,
    want(told = true) {
      wanted++
      if (told) wake()
    },
  }
}

test('jobs are claimed when the scheduler is told, and by the poll when it was not', async () => {
  const { service, clock, claims, releases, want } = world()
  await service.start()
  await until(() => claims.length === 1)
  want()
  await until(() => releases.length === 1)
  expect(claims.every((time) => time === clock.now())).toBe(true)
  want(false)
  await clock.advance(1_000)
  await until(() => releases.length === 2)
  await service.stop()
})

test('no job is claimed while the scheduler is paused', async () => {
  let open = false
  const { service, clock, claims, releases, want } = world({ get open() { return open }, passed: () => undefined })
  await service.start()
  want()
  await clock.advance(5_000)
  expect(claims).toEqual([])
  open = true
  await clock.advance(1_000)
  await until(() => releases.length === 1)
  await service.stop()
})

test('a job whose pass fails is released and passed again later, and stops nothing', async () => {
  const { service, clock, releases, want, claims } = world()
  await service.start()
  want()
  await until(() => releases.length === 1)
  expect(releases).toEqual([clock.now() + 5_000])
  const before = claims.length
  await clock.advance(1_000)
  await until(() => claims.length > before)
  await service.stop()
})

test('a pass over a job is a trace of its own, with the reason why it failed', async () => {
  const tracing = fakeTracing()
  const { service, releases, want } = world(openGate, tracing)
  await service.start()
  want()
  await until(() => releases.length === 1)
  await service.stop()
  expect(tracing.spans).toMatchObject([{ name: 'schedule-job', parent: undefined, attributes: { team_name: 'main', pipeline: 'p', job: 'unit' }, error: 'the config is broken' }])
})
