import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { countRequest } from '../lib/traffic.ts'
import { emptyImageConfig } from '../model/image.ts'
import type { ContainerOrigin, StepReport } from '../model/step-report.ts'
import type { WaitReason } from '../runtime/contract.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { fakeArtifact } from '../runtime/fake/script.ts'
import type { CheckOptions } from './ports.ts'
import { reportOf } from './step-record.ts'
import { StepReporter } from './step-reporter.ts'
import { longestMessage, mostWaits } from './waits.ts'
import { FakeImages } from './testing/fakes.ts'
import { taskYaml } from './testing/kit.ts'
import { Life, mortalRuntime, mortalStore } from './testing/mortal.ts'
import { until, World } from './testing/world.ts'
import { Engine } from './engine.ts'

const t0 = Date.UTC(2026, 0, 1)

/** As registries are asked: one request for a check, one more for what the digest says. */
class AskingImages extends FakeImages {
  override check(...args: Parameters<FakeImages['check']>) {
    countRequest()
    return super.check(...args)
  }
  override image(...args: Parameters<FakeImages['image']>) {
    countRequest()
    return super.image(...args)
  }
}

function reports(world: World): Map<string, StepReport> {
  const found = [...world.row.steps].flatMap(([planId, record]): [string, StepReport][] => {
    const report = reportOf(record)
    return report === undefined ? [] : [[world.names.get(planId) ?? planId, report]]
  })
  return new Map(found)
}

const job = (...steps: readonly string[]) => `jobs: [{name: j, plan: [${steps.join(', ')}]}]`
const output = 'outputs: [{name: out}], '
const withOutput = (yaml: string) => yaml.replace('{platform: linux, ', `{platform: linux, ${output}`)
const digestOf = (image: string) => `sha256:${createHash('sha256').update(image).digest('hex')}`

test('a container step records when what happened, its waits, its image and its outputs', async () => {
  const clock = fakeClock(t0)
  const runtime = new FakeRuntime()
  runtime.beforeCreate = async (_spec, _signal, onReason) => {
    onReason({ kind: 'quota', message: 'exceeded quota: pods' })
    await clock.advance(500)
    onReason({ kind: 'pulling', message: 'pulling image busybox', progress: { bytes: 1, total: 9 } })
    onReason({ kind: 'pulling', message: 'pulling image busybox', progress: { bytes: 5, total: 9 } })
    await clock.advance(1_500)
    return undefined
  }
  runtime.imagePull = () => ({ kind: 'pulled', ms: 1_400, at: clock.now() - 100 })
  const world = new World(job(withOutput(taskYaml('unit', { FAKE_STDOUT: 'a', FAKE_HOLD: 'now' }))), { prepareAhead: 0 }, { clock, runtime, images: new AskingImages() })
  const ended = world.run()
  await until(() => world.started().length === 1)
  await until(() => clock.now() === t0 + 2_000)
  await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(3_000)
  runtime.let('now')
  expect(await ended).toBe('succeeded')

  const handle = runtime.creations[0]?.handle ?? ''
  expect(reports(world).get('unit')).toEqual({
    times: { turn: t0, prepare: t0, pulled: t0 + 1_900, ready: t0 + 2_000, start: t0 + 2_000, end: t0 + 5_000 },
    waits: [
      { reason: 'quota', message: 'exceeded quota: pods', from: t0, to: t0 + 500 },
      { reason: 'pulling', message: 'pulling image busybox', from: t0 + 500, to: t0 + 2_000 },
    ],
    image: {
      reference: `example.test/busybox:latest@${digestOf('busybox')}`, digest: digestOf('busybox'), by: 'check', host: 'example.test', requests: 2, ms: 0, layerBytes: 0,
      node: 'fake', pull: { kind: 'pulled', ms: 1_400 },
    },
    container: 'made',
    outputs: [{ name: 'out', bytes: fakeArtifact(`${handle}.1/out`).size }],
  })
})

test('a container that was prepared ahead was asked for before its turn came', async () => {
  const clock = fakeClock(t0)
  const world = new World(job(taskYaml('first', { FAKE_HOLD: 'first' }), taskYaml('second')), {}, { clock, images: new AskingImages() })
  const { runtime } = world.services
  runtime.imagePull = () => ({ kind: 'cached', at: clock.now() })
  const ended = world.run()
  await until(() => runtime.creations.length === 2)
  await clock.advance(4_000)
  runtime.let('first')
  expect(await ended).toBe('succeeded')
  expect(reports(world).get('second')).toMatchObject({
    times: { prepare: t0, ready: t0, pulled: t0, turn: t0 + 4_000, start: t0 + 4_000 },
    container: 'prepared-ahead',
    image: { pull: { kind: 'cached' }, requests: 2 },
  })
})

test('a container that was started in a warm sandbox is recorded as such, and one that was prepared ahead stays that', () => {
  const recorded = (origin: ContainerOrigin, warmSandbox: boolean) => {
    const reporter = new StepReporter({ now: () => t0, redact: (text) => text })
    reporter.takes(origin)
    reporter.runsOn({ host: 'n1', warmSandbox })
    return reporter.report.container
  }
  expect([recorded('made', true), recorded('made', false), recorded('prepared-ahead', true)]).toEqual(['warm-sandbox', 'made', 'prepared-ahead'])
})

test('an image records how long it was looked for, and the platform of its node', async () => {
  let now = t0
  const reporter = new StepReporter({ now: () => now, redact: (text) => text })
  await reporter.resolving(async () => void (now += 61))
  reporter.resolved({ source: { kind: 'registry', reference: 'a/b:1', host: 'a' }, config: emptyImageConfig, privileged: false, architectures: [] })
  reporter.runsOn({ host: 'n1', architecture: 'arm64' })
  expect(reporter.report.image).toMatchObject({ ms: 61, platform: 'linux/arm64' })
  // What a server recorded before it was killed counts too.
  const after = new StepReporter({ now: () => now, redact: (text) => text }, reporter.report)
  await after.resolving(async () => void (now += 9))
  expect(after.report.image).toMatchObject({ ms: 70, platform: 'linux/arm64' })
})

test('a step whose container is kept records until when', async () => {
  const clock = fakeClock(t0)
  const keep = { seconds: 120, oneOffSeconds: 60 }
  const world = new World(job(taskYaml('bad', { FAKE_EXIT: '1' })), { keep }, { clock })
  expect(await world.run()).toBe('failed')
  expect(reports(world).get('bad')?.keptUntil).toBe(t0 + 120_000)
  const good = new World(job(taskYaml('good')), { keep }, { clock })
  expect(await good.run()).toBe('succeeded')
  expect(reports(good).get('good')).not.toHaveProperty('keptUntil')
})

test('an image that a get step fetched records the bytes that came through this server', async () => {
  const checked = taskYaml('unit').replace('{repository: busybox}', '{repository: busybox, versions: [{digest: "sha256:1"}]}')
  const world = new World(job(checked), { nativeImageFetch: false })
  expect(await world.run()).toBe('succeeded')
  const fetched = reports(world).get('unit/image-get')
  expect(fetched?.image).toMatchObject({ by: 'base-type', layerBytes: 0 })
  expect(reports(world).get('unit')?.image).toMatchObject({ by: 'artifact', reference: 'image', whyNot: 'native image fetch is off', layerBytes: fetched?.outputs[0]?.bytes })
  expect(fetched?.outputs[0]?.bytes).toBeGreaterThan(0)
})

test.each([
  ['unlisted', true, 'artifact', 'nodes cannot pull unlisted'],
  ['app', false, 'artifact', 'native image fetch is off'],
  ['app', true, 'check', undefined],
] as const)('image %s (native: %s) is recorded by %s, with why and the policy’s word', async (repository, nativeImageFetch, by, whyNot) => {
  const yaml = taskYaml('unit').replace('{repository: busybox}', `{repository: ${repository}, versions: [{digest: "sha256:1"}]}`)
  const world = new World(job(yaml), { nativeImageFetch }, { imagePolicy: { check: () => Promise.resolve({ kind: 'warn', reason: 'too old' }) } })
  expect(await world.run()).toBe('succeeded')
  const image = reports(world).get('unit')?.image
  expect([image?.by, image?.whyNot, image?.policy]).toEqual([by, whyNot, { reasons: ['too old'] }])
})

test('what was recorded before a kill -9 is there after the build was resumed', async () => {
  const clock = fakeClock(t0)
  const world = new World(job(taskYaml('unit', { FAKE_STDOUT: 'a', FAKE_HOLD: 'now' })), {}, { clock, images: new AskingImages() })
  const { runtime } = world.services
  runtime.beforeCreate = async (_spec, _signal, onReason) => {
    onReason({ kind: 'unschedulable', message: 'no node has room' })
    await clock.advance(700)
    return undefined
  }
  runtime.imagePull = () => ({ kind: 'cached', at: clock.now() })
  const life = new Life((point, count) => point === 'before records' && count > 0)
  const first = new Engine({ ...world.services, runtime: mortalRuntime(runtime, life) as FakeRuntime }, mortalStore(world.store, life), 'first')
  void first.claim(world.buildId)
  await life.ended
  await world.store.releaseAll()
  const before = reports(world).get('unit')
  expect(before).toMatchObject({ times: { prepare: t0, ready: t0 + 700 }, waits: [{ reason: 'unschedulable', from: t0, to: t0 + 700 }], container: 'made' })

  await clock.advance(60_000)
  runtime.let('now')
  expect(await world.run(world.engine('second'))).toBe('succeeded')
  const after = reports(world).get('unit')
  expect(after).toEqual({ ...before, times: { ...before?.times, end: t0 + 60_700 } })
})

test('the number of waits and the length of their messages are bounded, and secrets are taken out before', async () => {
  const clock = fakeClock(t0)
  const world = new World(job(taskYaml('unit', { token: '((secret))' })), { prepareAhead: 0 }, { clock })
  const long = `${'x'.repeat(longestMessage - 5)}hunter2-hunter2`
  world.services.runtime.beforeCreate = async (_spec, _signal, onReason) => {
    const reasons = Array.from({ length: mostWaits + 5 }, (_, index): WaitReason => ({ kind: 'starting', message: index === 0 ? long : `try ${index}` }))
    for (const reason of reasons) {
      onReason(reason)
      await clock.advance(10)
    }
    return undefined
  }
  expect(await world.run()).toBe('succeeded')
  const report = reports(world).get('unit')
  expect(report?.waits).toHaveLength(mostWaits)
  expect(report?.moreWaits).toBe(5)
  expect(report?.waits[0]?.message).toHaveLength(longestMessage)
  expect(JSON.stringify(report)).not.toContain('hunte')
})

test('a step whose container could not be made records why it waited, and no process', async () => {
  const clock = fakeClock(t0)
  const world = new World(job(taskYaml('unit')), { prepareAhead: 0 }, { clock })
  world.services.runtime.beforeCreate = async (_spec, _signal, onReason) => {
    onReason({ kind: 'pull-error', message: 'no route to host' })
    await clock.advance(9_000)
    return { kind: 'image-pull', image: 'busybox', message: 'given up' }
  }
  expect(await world.run()).toBe('errored')
  expect(reports(world).get('unit')).toMatchObject({
    times: { turn: t0, prepare: t0, end: t0 + 9_000 },
    waits: [{ reason: 'pull-error', message: 'no route to host', from: t0, to: t0 + 9_000 }],
  })
  expect(reports(world).get('unit')?.times).not.toHaveProperty('start')
})

test('a registry that fails for now is a wait of its check, and of the step whose image that is', async () => {
  const clock = fakeClock(t0)
  const world = new World(job(taskYaml('unit')), { prepareAhead: 0 }, { clock })
  const { images } = world.services
  const check = images.check.bind(images)
  images.check = async (source, options: Partial<CheckOptions> = {}) => {
    options.onWait?.('registry example.test: too many requests')
    await clock.advance(2_000)
    return check(source, options)
  }
  expect(await world.run()).toBe('succeeded')
  const wait = { reason: 'registry', message: 'registry example.test: too many requests', from: t0, to: t0 + 2_000 }
  expect(reports(world).get('unit')?.waits).toEqual([wait])
  expect(reports(world).get('unit/image-check')?.waits).toEqual([wait])
  expect(world.lines().filter((line) => line.includes('too many requests'))).toHaveLength(1)
})
