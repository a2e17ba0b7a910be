import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { fail, ok } from '../../model/result.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineEvent, Summary } from './engine/shapes.ts'
import { createWatch } from './watch.ts'

/** An engine whose event streams are fed and broken by hand. */
function engine() {
  const streams: { push(event: EngineEvent): void; break(): void }[] = []
  const opened: (() => void)[] = []
  let containers: readonly Summary[] = []
  let inspections: Readonly<Record<string, Summary['state'] | 'gone' | 'broken'>> | undefined
  const client = {
    events: (_labels: readonly string[], signal: AbortSignal) => {
      const { readable, writable } = new TransformStream<EngineEvent, EngineEvent>()
      const writer = writable.getWriter()
      signal.addEventListener('abort', () => void writer.abort(new Error('aborted')))
      streams.push({ push: (event) => void writer.write(event), break: () => void writer.abort(new Error('broken')).catch(() => undefined) })
      opened.shift()?.()
      return Promise.resolve(ok(readable as AsyncIterable<EngineEvent>))
    },
    list: () => Promise.resolve(inspections === undefined ? ok(containers) : fail({ kind: 'refused', status: 500, message: 'container not known' })),
    inspect: (id: string) => {
      const state = inspections?.[id] ?? 'gone'
      if (state === 'gone') return Promise.resolve(fail({ kind: 'not-found', message: 'gone' }))
      return Promise.resolve(state === 'broken' ? fail({ kind: 'refused', status: 500, message: 'container not known' }) : ok({ id, state }))
    },
  } as unknown as EngineClient
  return {
    client,
    streams,
    has: (...found: readonly (readonly [string, Summary['state']])[]) => {
      containers = found.map(([id, state]) => ({ id, name: id, state, labels: {} }))
    },
    listsNothing: (found: NonNullable<typeof inspections>) => {
      inspections = found
    },
    nextStream: () => new Promise<void>((resolve) => opened.push(resolve)),
  }
}

const told = () => {
  const changes: string[] = []
  const waiting: (() => void)[] = []
  return {
    changes,
    listener: (id: string) => (change: string) => {
      changes.push(`${id} ${change}`)
      waiting.shift()?.()
    },
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
}

describe('watch', () => {
  it('tells those who follow, and no others', async () => {
    const { client, streams } = engine()
    const { changes, listener, next } = told()
    const watch = createWatch(client, 'here', fakeClock())
    await watch.start()
    watch.follow('a', listener('a'))
    const unfollow = watch.follow('b', listener('b'))
    unfollow()
    const one = next()
    for (const id of ['b', 'c', 'a']) streams[0]?.push({ action: 'die', id, name: id })
    await one
    const two = next()
    streams[0]?.push({ action: 'removed', id: 'a', name: 'a' })
    await two
    expect(changes).toEqual(['a ended', 'a removed'])
    await watch.stop()
  })

  it('asks what was missed when the stream broke', async () => {
    const clock = fakeClock()
    const { client, streams, has, nextStream } = engine()
    const { changes, listener, next } = told()
    const watch = createWatch(client, 'here', clock)
    await watch.start()
    for (const id of ['gone', 'ended', 'runs']) watch.follow(id, listener(id))
    has(['ended', 'exited'], ['runs', 'running'])
    const [first, second] = [next(), next()]
    const again = nextStream()
    streams[0]?.break()
    while (clock.sleeping === 0) await clock.advance(0)
    await clock.advance(100)
    await again
    await Promise.all([first, second])
    expect(changes).toEqual(['gone removed', 'ended ended'])
    await watch.stop()
  })

  it('looks at each container where the engine lists none', async () => {
    const clock = fakeClock()
    const { client, streams, listsNothing, nextStream } = engine()
    const { changes, listener, next } = told()
    const watch = createWatch(client, 'here', clock)
    await watch.start()
    for (const id of ['gone', 'broken', 'ended', 'runs']) watch.follow(id, listener(id))
    listsNothing({ broken: 'broken', ended: 'exited', runs: 'running' })
    const all = [next(), next(), next()]
    const again = nextStream()
    streams[0]?.break()
    while (clock.sleeping === 0) await clock.advance(0)
    await clock.advance(100)
    await again
    await Promise.all(all)
    expect(changes).toEqual(['gone removed', 'broken ended', 'ended ended'])
    await watch.stop()
  })
})
