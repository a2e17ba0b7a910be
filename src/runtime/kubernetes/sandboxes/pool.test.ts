import { describe, expect, it } from 'vitest'
import type { WaitReason } from '../../contract.ts'
import { condition, container } from '../testing/pods.ts'
import { sandboxWorld } from '../testing/sandbox-world.ts'
import { lullMs } from './lull.ts'
import { needMs } from './plan.ts'
import { firstFaultPauseMs } from './waiting-pods.ts'

const { world, clock, create, label, prepare, resume, runs, sandboxes, start, step, until, warmed, writes } = sandboxWorld()

describe('a sandbox', () => {
  it('is made after a step that needed one has reported in, and taken by one write', async () => {
    const [name = ''] = await warmed()
    const before = world.api.calls.length
    const spec = step()
    const prepared = await prepare(spec)
    expect(prepared).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(world.api.calls.slice(before).find(({ method }) => method !== 'GET')).toMatchObject({
      method: 'PATCH', path: `/api/v1/namespaces/ci/pods/${name}`,
      body: { metadata: { resourceVersion: expect.any(String) as string }, spec: { containers: [{ name: 'step', image: spec.image.kind === 'registry' && spec.image.reference }] } },
    })
    expect([label(name, 'sandbox'), label(name, 'container')]).toEqual(['taken', spec.handle])
    expect(world.runtime.creations.at(-1)?.handle).toBe(spec.handle)
    expect(await world.runtime.list()).toContainEqual(expect.objectContaining({ handle: spec.handle, metadata: spec.metadata }))
    await world.runtime.remove(spec.handle)
    expect(world.api.objects.has(name)).toBe(false)
  })

  it('is not made while a container is being made ready, and one after the other', async () => {
    const spec = step({ privileged: true })
    const slow = start(spec)
    await until(() => world.rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    await prepare()
    await prepare()
    await clock.sleep(4 * lullMs)
    expect(sandboxes()).toEqual([])
    world.rendezvous.expected.get(spec.handle)?.report()
    await slow
    await until(() => sandboxes().length === 1)
    await clock.sleep(4 * lullMs)
    expect(sandboxes()).toHaveLength(1)
    runs(sandboxes()[0] ?? '')
    await until(() => sandboxes().length === 2)
  })

  it('is not made where the setting is 0', async () => {
    await world.runtime.stop()
    world.runtime = create(0)
    await world.runtime.start()
    await prepare()
    await prepare()
    expect(sandboxes()).toEqual([])
    expect(writes('PATCH', /pods/)).toEqual([])
  })
})

describe('a sandbox that the node fails to start', () => {
  const fails = (name: string): unknown =>
    resume(name, { phase: 'Pending', conditions: [condition('PodScheduled', 'True')], containerStatuses: [container({ waiting: { reason: 'CreateContainerError', message: 'operation not permitted' } })] })

  it('is made again after a short pause, without a step that asks for one', async () => {
    await prepare()
    await until(() => sandboxes().length === 1)
    const [first = ''] = sandboxes()
    fails(first)
    await until(() => !world.api.objects.has(first))
    world.ahead += firstFaultPauseMs
    await until(() => sandboxes().length === 1)
  })

  it('is made again later and later while each one fails', async () => {
    await prepare()
    for (let fault = 0; fault < 3; fault += 1) {
      await until(() => sandboxes().length === 1)
      const [name = ''] = sandboxes()
      fails(name)
      await until(() => !world.api.objects.has(name))
      if (fault > 0) {
        world.ahead += firstFaultPauseMs * 2 ** (fault - 1)
        await clock.sleep(4 * lullMs)
        await prepare()
        expect(sandboxes()).toEqual([])
      }
      world.ahead += firstFaultPauseMs * 2 ** fault
      await prepare()
    }
  })
})

it('a sandbox whose waiting container was started again is removed', async () => {
  const [name = ''] = await warmed()
  resume(name, { phase: 'Running', containerStatuses: [container({ running: {} }, { containerID: 'containerd://second', restartCount: 1 })] })
  await until(() => !world.api.objects.has(name))
  expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
})

describe('none are made', () => {
  it('where the server may not patch pods, which is said once', async () => {
    world.api.answer = (_method, path) => (path.endsWith('/selfsubjectaccessreviews') ? { status: 201, body: { status: { allowed: false } } } : undefined)
    for (let n = 0; n < 3; n += 1) await prepare()
    await until(() => world.said.some((line) => line.includes('may not patch pods')))
    expect(sandboxes()).toEqual([])
    expect(world.said.filter((line) => line.includes('may not patch pods'))).toHaveLength(1)
  })

  it('after admission refused the change of an image, and those that wait are removed', async () => {
    await warmed(2)
    world.api.answer = (method, path, body) => (method === 'PATCH' && path.includes('/pods/') && JSON.stringify(body).includes('image') ? { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'admission webhook denied the request' } } : undefined)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    await until(() => sandboxes().length === 0)
    await prepare()
    expect(sandboxes()).toEqual([])
    expect(world.said.filter((line) => line.includes('does not let the image'))).toHaveLength(1)
  })
})

describe('sandboxes give way', () => {
  it('to a step that a quota refuses, which is not told of it', async () => {
    const [name = ''] = await warmed()
    const reasons: WaitReason[] = []
    const full = { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1' } }
    world.api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') && world.api.objects.has(name) ? full : undefined)
    expect(await prepare(step({ privileged: true }), { onReason: (reason) => reasons.push(reason) })).toMatchObject({ ok: true })
    expect(sandboxes()).toEqual([])
    expect(reasons).toEqual([])
  })

  it('to a step that a quota refuses for a moment more, since it still counts them: it is not told either', async () => {
    const [name = ''] = await warmed()
    const reasons: WaitReason[] = []
    const full = { status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1' } }
    let counted = 3
    world.api.answer = (method, path) => (method === 'POST' && path.endsWith('/pods') && (world.api.objects.has(name) || counted-- > 0) ? full : undefined)
    expect(await prepare(step({ privileged: true }), { onReason: (reason) => reasons.push(reason) })).toMatchObject({ ok: true })
    expect([counted, reasons]).toEqual([-1, []])
  })

  it('to a step for which no node has room', async () => {
    await warmed()
    const spec = step({ privileged: true })
    const prepared = start(spec)
    await until(() => world.rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    const name = [...world.api.objects.keys()].find((pod) => label(pod, 'container') === spec.handle) ?? ''
    resume(name, { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes' })] })
    await until(() => sandboxes().length === 0)
    world.rendezvous.expected.get(spec.handle)?.report()
    expect((await prepared).ok).toBe(true)
  })

  it('at once, when no node has room for one', async () => {
    await prepare()
    await until(() => sandboxes().length === 1)
    resume(sandboxes()[0] ?? '', { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes' })] })
    await until(() => sandboxes().length === 0)
    await prepare()
    expect(sandboxes()).toEqual([])
  })
})

it('those that nobody has taken are removed when the server stops, and those of killed servers when they have ended', async () => {
  await warmed(2)
  await world.runtime.stop()
  expect(sandboxes()).toEqual([])
  const labels = { 'airside.dev/installation': 'demo', 'airside.dev/sandbox': 'warm' }
  world.api.put('ended', { metadata: { labels }, status: { phase: 'Succeeded' } })
  world.api.put('of-another', { metadata: { labels, creationTimestamp: new Date().toISOString() }, status: { phase: 'Running' } })
  world.api.put('taken', { metadata: { labels: { ...labels, 'airside.dev/sandbox': 'taken' } }, status: { phase: 'Succeeded' } })
  world.runtime = create(2)
  await world.runtime.start()
  await until(() => !world.api.objects.has('ended'))
  expect([world.api.objects.has('of-another'), world.api.objects.has('taken')]).toEqual([true, true])
})

it('one that will soon end by itself is not taken, and none is kept that no step has needed for ten minutes', async () => {
  const [name = ''] = await warmed()
  world.ahead = needMs
  expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
  await until(() => !world.api.objects.has(name))
})
