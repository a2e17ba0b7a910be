import { expect, test } from 'vitest'
import { fakeClock } from '../lib/clock.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import type { ContainerSpec, PrepareOptions } from '../runtime/contract.ts'
import { withDeferredRemovals } from './deferred-removals.ts'

const spec = (handle: string): ContainerSpec => ({
  handle, type: 'task', image: { kind: 'registry', reference: 'busybox', host: 'example.test' }, architectures: [], privileged: false, limits: {}, guess: false,
  metadata: { team: 'main', buildId: 1, buildName: '1', planId: handle, stepName: handle },
})
const options = { signal: new AbortController().signal, onReason: () => undefined }
const turns = () => new Promise((resolve) => setImmediate(resolve))

async function world() {
  const clock = fakeClock()
  const inner = new FakeRuntime()
  const stopping = new AbortController()
  const runtime = withDeferredRemovals(inner, clock, stopping.signal)
  const done = await runtime.prepare(spec('done'), options)
  if (!done.ok) throw new Error(done.error.kind)
  const gate = Promise.withResolvers<undefined>()
  inner.beforeCreate = () => gate.promise
  return { clock, inner, runtime, done: done.value, gate, stopping }
}

test('what is done is removed at once when nothing is being made ready', async () => {
  const { inner, done } = await world()
  await done.release({ keep: false })
  expect([...inner.containers.keys()]).toEqual([])
})

test('while another container is being made ready, a removal waits for it', async () => {
  const { inner, runtime, done, gate } = await world()
  const next = runtime.prepare(spec('next'), options)
  const released = done.release({ keep: false })
  await turns()
  expect([...inner.containers.keys()]).toEqual(['done'])
  gate.resolve(undefined)
  await Promise.all([next, released])
  expect([...inner.containers.keys()]).toEqual(['next'])
})

test('and no longer than some seconds', async () => {
  const { clock, inner, runtime, done, gate } = await world()
  const next = runtime.prepare(spec('next'), options)
  const released = done.release({ keep: false })
  await turns()
  await clock.advance(20_000)
  await released
  expect([...inner.containers.keys()]).toEqual([])
  gate.resolve(undefined)
  await next
})

test('nor when the server stops', async () => {
  const { inner, runtime, done, gate, stopping } = await world()
  const next = runtime.prepare(spec('next'), options)
  const released = done.release({ keep: false })
  stopping.abort()
  await released
  expect([...inner.containers.keys()]).toEqual([])
  gate.resolve(undefined)
  await next
})

test('a removal is not deferred for a container that lacks capacity itself', async () => {
  const room = Promise.withResolvers<undefined>()
  class FullRuntime extends FakeRuntime {
    override async prepare(wanted: ContainerSpec, how: PrepareOptions) {
      if (wanted.handle === 'next') {
        how.onReason({ kind: 'quota', message: 'exceeded quota' })
        await room.promise
      }
      return super.prepare(wanted, how)
    }
  }
  const inner = new FullRuntime()
  const runtime = withDeferredRemovals(inner, fakeClock(), new AbortController().signal)
  const done = await runtime.prepare(spec('done'), options)
  if (!done.ok) throw new Error(done.error.kind)
  const next = runtime.prepare(spec('next'), options)
  await done.value.release({ keep: false })
  expect([...inner.containers.keys()]).toEqual([])
  room.resolve(undefined)
  await next
})
