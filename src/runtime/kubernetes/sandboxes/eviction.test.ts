import { describe, expect, it } from 'vitest'
import { sandboxWorld } from '../testing/sandbox-world.ts'
import { lullMs } from './lull.ts'

const { world, clock, label, prepare, sandboxes, start, step, until, warmed, writes } = sandboxWorld()

/** As the API has a pod that was evicted, until its containers have ended. */
function evict(name: string): void {
  const pod = world.api.objects.get(name)
  const evicted = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }
  world.api.put(name, { ...pod, metadata: { ...pod?.metadata, deletionTimestamp: new Date().toISOString() }, status: { phase: 'Running', conditions: [evicted] } })
}

describe('when a node is drained', () => {
  it('the sandboxes on it are left, none is made for some time, and steps have pods of their own', async () => {
    const names = await warmed(2)
    for (const name of names) evict(name)
    await until(() => names.every((name) => !world.api.objects.has(name)))
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    await clock.sleep(4 * lullMs)
    expect(sandboxes()).toEqual([])
  })

  it('a sandbox that is evicted while a step takes it is not the step’s, which has a pod of its own', async () => {
    const [name = ''] = await warmed()
    world.api.answer = (method, path) => {
      if (method !== 'PATCH' || !path.includes(name)) return undefined
      world.api.answer = undefined
      evict(name)
      return undefined
    }
    const spec = step()
    expect(await prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: false } })
    // The one that was refused, since the pod had changed.
    expect(writes('PATCH', new RegExp(name))).toHaveLength(1)
  })

  it('a step whose sandbox is evicted before it has begun goes on in a pod of its own', async () => {
    const [name = ''] = await warmed()
    const spec = step()
    const prepared = start(spec)
    await until(() => label(name, 'sandbox') === 'taken')
    evict(name)
    await until(() => !world.api.objects.has(name) && (world.rendezvous.expected.get(spec.handle)?.uid() ?? '') !== '')
    world.rendezvous.expected.get(spec.handle)?.report()
    expect(await prepared).toMatchObject({ ok: true, value: { warmSandbox: false } })
  })
})
