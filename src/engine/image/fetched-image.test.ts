import { describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import type { BuildEvent } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PlanNode } from '../../model/plan.ts'
import { ok } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { FakeRuntime } from '../../runtime/fake/runtime.ts'
import { succeeded, failed, errored } from '../../steps/outcome.ts'
import type { PortsFactory } from '../../steps/factory.ts'
import type { FinishedStep, StepOutcome } from '../../steps/ports.ts'
import { createRunState } from '../../steps/run-state.ts'
import type { BuildContext } from '../build-context.ts'
import type { ImageToResolve } from '../ports.ts'
import { Redactor } from '../../lib/redactor.ts'
import { fakeServices } from '../testing/kit.ts'
import { FetchedImages } from './fetched-image.ts'
import { isPulled } from './image-way.ts'
import { StepImages } from './step-images.ts'

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`
const checkPlan: PlanNode<'check'> = { id: 't/image-check', kind: 'check', check: { name: 'image', type: 'registry-image', source: { repository: 'app' }, image: { base_type: 'registry-image' } } }
const getPlan = (body: Partial<PlanNode<'get'>['get']> = {}): PlanNode<'get'> => ({
  id: 't/image-get', kind: 'get', get: { name: 'image', type: 'registry-image', source: { repository: 'app', tag: '1.2' }, image: { base_type: 'registry-image' }, ...body },
})
const artifact = { digest: digest('e'), size: 1 } as const

interface Fetching {
  readonly get?: PlanNode<'get'>
  readonly check?: PlanNode<'check'> | undefined
  readonly privileged?: boolean
  readonly signal?: AbortSignal
}

/** Images over steps that end as told; `ran` names the plans that ran as steps. */
function imagesOf(
  native: boolean,
  { check = succeeded, checked, get = succeeded }: { check?: StepOutcome; checked?: Version; get?: StepOutcome } = {},
  runtime = new FakeRuntime(),
) {
  const ran: string[] = []
  const notes: string[] = []
  const events: BuildEvent[] = []
  const asked: ImageToResolve[] = []
  const services = fakeServices({ nativeImageFetch: native }, { runtime })
  const image = services.images.image.bind(services.images)
  services.images.image = (request) => {
    asked.push(request)
    return image(request)
  }
  const factory = {
    begun: () => false,
    traced: (_plan: unknown, step: unknown) => step,
    startedAt: () => 0,
    clock: services.clock,
    ports: (plan: { id: string; kind: string }) => ({
      planId: plan.id,
      note: (line: string) => void notes.push(`${plan.id}: ${line}`),
      onWait: () => undefined,
      recall: (): Promise<FinishedStep> => {
        ran.push(plan.id)
        return Promise.resolve(
          plan.kind === 'check' ? { outcome: check, artifacts: {}, ...(checked && { version: checked }) } : { outcome: get, artifacts: get.kind === 'succeeded' ? { image: artifact } : {} },
        )
      },
    }),
  } as unknown as PortsFactory
  const context = {
    steps: new Map(),
    services,
    build: { id: 1, scope: { teamId: 1 }, name: '1', team: 'main', externalUrl: '' },
    vars: { get: () => Promise.resolve({ kind: 'missing' }) },
    redactor: new Redactor(),
    writer: { emit: (event: BuildEvent) => void events.push(event) },
    log: silentLog,
  } as unknown as BuildContext
  const images = new FetchedImages(context, factory)
  const fetch = ({ get = getPlan(), privileged = false, signal = new AbortController().signal, ...rest }: Fetching) =>
    images.fetch({ kind: isPulled(get.get, native) ? 'native' : 'get', get, check: 'check' in rest ? rest.check : checkPlan, privileged }, createRunState(), signal)
  /** As a task's image_resource. */
  const task = (source: JsonObject = { repository: 'app', tag: '1.2' }, version?: Version) => {
    const image = { type: 'registry-image', source, ...(version && { version }) }
    const asking = { signal: new AbortController().signal, note: () => undefined, onWait: () => undefined }
    return new StepImages(context, factory).fetch('t', { kind: 'image-resource', image, types: [], privileged: false, skipInterval: false }, createRunState(), asking)
  }
  const lines = () => events.map(({ type, data }) => `${type} ${'origin' in data ? data.origin.id : ''}`)
  return { ran, notes, events, lines, asked, fetch, task }
}

describe('images with a get of their own, and the nativeImageFetch flag', () => {
  test('off: check and get run as steps, and the image is their artifact', async () => {
    const { ran, asked, fetch } = imagesOf(false, { checked: { digest: digest('a') } })
    expect(await fetch({})).toEqual(ok(expect.objectContaining({ source: { kind: 'artifact', artifact, name: 'image' } })))
    expect(ran).toEqual(['t/image-check', 't/image-get'])
    expect(asked).toEqual([])
  })

  test('on, and another type than registry-image, or a registry-image type of the pipeline’s own: nothing changes', async () => {
    for (const get of [getPlan({ type: 'docker-image' }), getPlan({ image: { get_plan: getPlan(), base_type: 'registry-image' } })]) {
      const { ran, fetch } = imagesOf(true)
      expect(await fetch({ get })).toMatchObject({ ok: true, value: { source: { kind: 'artifact' } } })
      expect(ran).toEqual(['t/image-check', 't/image-get'])
    }
  })

  test('privileged is what the caller says', async () => {
    const { fetch } = imagesOf(true)
    expect(await fetch({ privileged: true })).toMatchObject({ ok: true, value: { privileged: true } })
  })
})

describe('an image that is not downloaded', () => {
  test('on: no get step, a registry source and no artifact', async () => {
    const { ran, fetch } = imagesOf(true, { checked: { tag: '1.2', digest: digest('a') } })
    const image = await fetch({})
    expect(image).toMatchObject({ ok: true, value: { source: { kind: 'registry', reference: `example.test/app:1.2@${digest('a')}` }, resolvedBy: 'check' } })
    expect(image.ok && 'artifact' in image.value.source).toBe(false)
    expect(ran).toEqual(['t/image-check'])
  })

  test('a check that fails, errors, or is aborted is told as what it is', async () => {
    for (const [check, error] of [
      [failed, { kind: 'failed', message: 'image check failed' }],
      [errored('image not found'), { kind: 'failed', message: 'image not found' }],
      [{ kind: 'aborted' }, { kind: 'aborted' }],
    ] as const) {
      const { fetch, asked } = imagesOf(true, { check })
      expect(await fetch({})).toEqual({ ok: false, error })
      expect(asked).toEqual([])
    }
    const { fetch } = imagesOf(false, { get: failed })
    expect(await fetch({})).toEqual({ ok: false, error: { kind: 'failed', message: 'image fetching failed' } })
  })

  test('undefined vars in its source are named', async () => {
    const { fetch } = imagesOf(true)
    expect(await fetch({ get: getPlan({ source: { repository: '((repo))', tag: '((tag))' } }) })).toEqual({ ok: false, error: { kind: 'failed', message: 'undefined vars: repo, tag' } })
  })

  test('an abort while it is resolved', async () => {
    const { fetch } = imagesOf(true)
    expect(await fetch({ signal: AbortSignal.abort('abort') })).toEqual({ ok: false, error: { kind: 'aborted' } })
  })
})

describe('the image of a task', () => {
  test('ImageGet event is still saved (build log continuity), and its step finishes', async () => {
    const { task, lines } = imagesOf(true)
    await task()
    expect(lines()).toEqual(expect.arrayContaining(['image-get t', 'initialize-get t/image-get', 'start-get t/image-get', 'finish-get t/image-get']))
  })

  test('ImageCheck event is still saved when checkPlan present, and only then', async () => {
    const { task, lines } = imagesOf(true)
    await task()
    expect(lines().slice(0, 2)).toEqual(['image-check t', 'image-get t'])
    const without = imagesOf(true)
    await without.task(undefined, { digest: digest('c') })
    expect(without.lines()[0]).toBe('image-get t')
    expect(without.lines()).not.toContain('image-check t')
  })

  test('returned ImageSpec has ImageURL and no ImageArtifact', async () => {
    const { task } = imagesOf(true)
    expect(await task()).toMatchObject({ ok: true, value: { source: { kind: 'registry' } } })
  })

  test('a failed check leaves no sub-step pending', async () => {
    const { task, events } = imagesOf(true, { check: errored('no such image') })
    await task()
    expect(events.at(-1)).toMatchObject({ type: 'error', data: { message: 'no such image', origin: { id: 't/image-get' } } })
  })

  test('off: events are saved and the get step says the rest itself', async () => {
    const { task, lines, ran } = imagesOf(false)
    await task()
    expect(lines()).toEqual(['image-check t', 'image-get t'])
    expect(ran).toEqual(['t/image-check', 't/image-get'])
  })

  test('the plans in the events have no source', async () => {
    const { task, events } = imagesOf(true)
    await task({ repository: 'app', password: 'CANARY' })
    expect(JSON.stringify(events)).not.toContain('CANARY')
  })
})

describe('version extraction from check result', () => {
  test('after check runs, resolved version with digest is used for image URL', async () => {
    const { fetch, asked } = imagesOf(true, { checked: { tag: '1.2', digest: digest('a') } })
    await fetch({ get: getPlan({ version: { tag: '9', digest: digest('c') } }) })
    expect(asked[0]?.checked).toEqual({ tag: '1.2', digest: digest('a') })
  })

  test('when check result has no digest, falls back to source tag', async () => {
    const { fetch, asked } = imagesOf(true, { checked: { tag: '1.2' } })
    await fetch({})
    // The resolver takes the digest of what was checked, else the pin, else the source: images/resolve tests that.
    expect(asked[0]).toMatchObject({ source: { repository: 'app', tag: '1.2' }, checked: { tag: '1.2' } })
    const nothing = imagesOf(true)
    await nothing.fetch({})
    expect(nothing.asked[0]).toEqual({ source: { repository: 'app', tag: '1.2' }, checked: undefined, version: undefined, onWait: expect.any(Function) as unknown })
  })

  test('when no check plan, URL is constructed from static version on get plan', async () => {
    const { fetch, asked, ran } = imagesOf(true)
    const image = await fetch({ check: undefined, get: getPlan({ version: { digest: digest('c') } }) })
    expect(asked[0]).toMatchObject({ checked: undefined, version: { digest: digest('c') } })
    expect(image).toMatchObject({ ok: true, value: { source: { reference: expect.stringContaining(digest('c')) }, resolvedBy: 'pin' } })
    expect(ran).toEqual([])
  })
})

describe('an image that nodes are known not to be able to pull', () => {
  const unlisted = getPlan({ source: { repository: 'unlisted/app' } })

  test('is fetched by its get step, with one line that says why', async () => {
    const { fetch, ran, notes } = imagesOf(true)
    expect(await fetch({ get: unlisted })).toMatchObject({ ok: true, value: { source: { kind: 'artifact', artifact, name: 'image' } } })
    expect(ran).toEqual(['t/image-check', 't/image-get'])
    expect(notes).toEqual(['t/image-get: nodes cannot pull unlisted/app'])
  })

  test('a task’s: its get step tells of itself, the delegate does not', async () => {
    const { task, lines } = imagesOf(true)
    await task(unlisted.get.source)
    expect(lines()).toEqual(['image-check t', 'image-get t'])
    const failing = imagesOf(true, { get: failed })
    expect(await failing.task(unlisted.get.source)).toEqual({ ok: false, error: { kind: 'failed', message: 'image fetching failed' } })
    expect(failing.lines()).toEqual(['image-check t', 'image-get t'])
  })

  test('and not to be runnable as an artifact: an error that says both', async () => {
    const { fetch, ran } = imagesOf(true, {}, new FakeRuntime({ nativeImageFetch: true, noArtifactImages: 'there is no registry for it' }))
    expect(await fetch({ get: unlisted })).toEqual({ ok: false, error: { kind: 'failed', message: 'nodes cannot pull unlisted/app; image image is an artifact: there is no registry for it' } })
    expect(ran).toEqual(['t/image-check'])
  })
})

test('an image that only its node can find: its tag stands in the get’s version, and where its version belongs is kept', async () => {
  const { task, events, notes } = imagesOf(true)
  const image = await task({ repository: 'beyond/app' })
  expect(image).toMatchObject({ ok: true, value: { resolvedBy: 'node', foundByNode: { tag: '1', scope: expect.stringMatching(/^[0-9a-f]{64}$/) as string } } })
  expect(events.find(({ type }) => type === 'finish-get')).toMatchObject({ data: { version: { tag: '1' } } })
  expect(notes).toEqual(['t/image-get: beyond/app cannot be asked about from here'])
})
