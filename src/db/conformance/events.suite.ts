import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import type { BuildScope, EventWrite } from '../../model/build.ts'
import { BuildEvents } from '../build-events.ts'
import type { StoredEvent } from '../../model/build.ts'
import { Builds } from '../builds.ts'
import { StepEvents } from '../step-events.ts'
import type { Db } from '../db.ts'
import { removePipeline } from '../pipeline-operations.ts'
import { Teams } from '../teams.ts'
import { cipher, scopeIn, startedBuild } from './build-fixtures.ts'
import type { Target } from './target.ts'

const line = (text: string, key?: string): EventWrite => ({
  ...(key !== undefined && { key }),
  type: 'log',
  version: '5.1',
  payload: JSON.stringify({ payload: text }),
})
const ended: EventWrite = { key: 'end', type: 'status', version: '1.0', payload: '{"status":"succeeded","time":1}' }

export function eventsSuite(target: Target): void {
  describe('build events', () => {
    let db: Db
    let builds: Builds
    let id: number
    beforeEach(async () => {
      db = await target.fresh()
      builds = new Builds(db, cipher)
      id = await startedBuild(db)
      await builds.claim('a', 0, 1_000)
    })
    const reader = (options: { clock?: ReturnType<typeof fakeClock>; batch?: number } = {}): BuildEvents =>
      new BuildEvents(db, { clock: options.clock ?? fakeClock(), batch: options.batch ?? 500 })

    it('gives of the lines of logs those that say why a step waits', async () => {
      await builds.commit(id, 'a', 1, { events: [line('of its process'), line('a note', '1:note:1:x'), line('pulling image tools', '1:wait:1:y'), ended] })
      expect(await new StepEvents(db).ofBuild(id)).toEqual([{ type: 'log', data: { payload: 'pulling image tools' } }])
    })

    it('numbers them densely from 0, in the order given, with any text in them', async () => {
      const texts = ['a\0b', 'é \ud83d\ude00', '\ud800 alone', '"\\', 'x'.repeat(100_000)]
      await builds.commit(id, 'a', 1, { events: texts.map((text) => line(text)) })
      await builds.commit(id, 'a', 1, { events: [line('last')] })
      const events = await reader().read(id, -1, 100)
      expect(events.map((event) => event.id)).toEqual([0, 1, 2, 3, 4, 5])
      expect(events.map((event) => (JSON.parse(event.payload) as { payload: string }).payload)).toEqual([...texts, 'last'])
      expect((await reader().read(id, 3, 1)).map((event) => event.id)).toEqual([4])
      expect(await reader().read(id + 1, -1, 100)).toEqual([])
    })

    it('numbers the events of each build from 0', async () => {
      const other = await startedBuild(db)
      await builds.claim('b', 0, 1_000)
      await builds.commit(id, 'a', 1, { events: [line('x', 'same'), line('y')] })
      await builds.commit(other, 'b', 1, { events: [line('z', 'same')] })
      expect((await reader().read(other, -1, 100)).map((event) => event.id)).toEqual([0])
    })

    it('stores each key once, however it is repeated and batched', async () => {
      const event = fc.record({ key: fc.option(fc.constantFrom('k', 'l', 'm', 'Z', 'ä', ''), { nil: undefined }), text: fc.string({ unit: 'binary' }) })
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(event, { maxLength: 6 }), { maxLength: 6 }), async (batches) => {
          const build = await startedBuild(db)
          await builds.claim('p', 0, 1_000, build)
          const expected: string[] = []
          const seen = new Set<string>()
          for (const batch of batches) {
            for (const { key, text } of batch) {
              if (key === undefined || !seen.has(key)) expected.push(text)
              if (key !== undefined) seen.add(key)
            }
            expect(await builds.commit(build, 'p', 1, { events: batch.map(({ key, text }) => line(text, key)) })).toBe('committed')
          }
          const events = await reader().read(build, -1, 1_000)
          expect(events.map((stored) => stored.id)).toEqual(expected.map((_, index) => index))
          expect(events.map((stored) => (JSON.parse(stored.payload) as { payload: string }).payload)).toEqual(expected)
        }),
        { numRuns: 40 },
      )
    })

    it('numbers are dense and none is lost when an owner commits on many connections', async () => {
      const other = new Builds(await target.another(), cipher)
      const batches = Array.from({ length: 40 }, (_, index) => [line(`${index}`, `key ${index % 30}`), line(`plain ${index}`)])
      await Promise.all(batches.map((events, index) => (index % 2 === 0 ? builds : other).commit(id, 'a', 1, { events })))
      const events = await reader().read(id, -1, 1_000)
      expect(events.map((event) => event.id)).toEqual(Array.from({ length: 70 }, (_, index) => index))
    })

    it('streams stored and new events, from any server, to the final status', async () => {
      await builds.commit(id, 'a', 1, { events: [line('0'), line('1'), line('2')] })
      const got: StoredEvent[] = []
      const firstThree = Promise.withResolvers<void>()
      const streaming = (async () => {
        for await (const batch of reader({ batch: 2 }).stream(id, { signal: new AbortController().signal })) {
          got.push(...batch)
          if (got.length === 3) firstThree.resolve()
        }
      })()
      await firstThree.promise
      await new Builds(await target.another(), cipher).commit(id, 'a', 1, { events: [line('3')] })
      await builds.commit(id, 'a', 1, { events: [line('4'), ended], finish: { status: 'succeeded' } })
      await streaming
      expect(got.map((event) => event.id)).toEqual([0, 1, 2, 3, 4, 5])
    })

    it('streams from a position', async () => {
      await builds.commit(id, 'a', 1, { events: [line('0'), line('1'), ended] })
      const got: number[] = []
      for await (const batch of reader().stream(id, { after: 0, signal: new AbortController().signal })) got.push(...batch.map((event) => event.id))
      expect(got).toEqual([1, 2])
    })

    it('reads long lines a few at a time, and streams all of them', async () => {
      const long = 'x'.repeat(1_500_000)
      for (let index = 0; index < 5; index++) await builds.commit(id, 'a', 1, { events: [line(long)] })
      await builds.commit(id, 'a', 1, { events: [line('y'.repeat(9_000_000)), ended] })
      expect((await reader().read(id, -1, 100)).map((event) => event.id)).toEqual([0, 1, 2])
      expect((await reader().read(id, 4, 100)).map((event) => event.id)).toEqual([5])
      const got: number[] = []
      for await (const batch of reader().stream(id, { signal: new AbortController().signal })) got.push(...batch.map((event) => event.id))
      expect(got).toEqual([0, 1, 2, 3, 4, 5, 6])
    })

    it('ends a stream with the reason of its signal', async () => {
      const abort = new AbortController()
      const next = reader().stream(id, { signal: abort.signal }).next()
      abort.abort(new Error('reader left'))
      await expect(next).rejects.toThrow('reader left')
    })

    it('finds events by polling when there is no notification', async () => {
      const clock = fakeClock()
      const stream = reader({ clock }).stream(id, { signal: new AbortController().signal })
      const first = stream.next()
      await asleep(clock)
      // Not through commit: no notification.
      await db.query(`insert into build_events (build_id, event_id, type, version, payload, saved_at) values ($1, 0, 'log', '1', '{}', 0)`, [id])
      await clock.advance(10_000)
      expect((await first).value).toMatchObject([{ id: 0 }])
      const second = stream.next()
      await asleep(clock)
      await db.query(`update builds set status = 'errored' where id = $1`, [id])
      await clock.advance(10_000)
      expect(await second).toEqual({ done: true, value: undefined })
    })

    it.each([
      ['pipeline', async (scope: Required<BuildScope>, on: Db) => removePipeline(on, scope.pipelineId, 1)],
      ['team', async (_: Required<BuildScope>, on: Db) => expect(await new Teams(on).remove('main')).toBe('removed')],
    ])('ends the streams of a %s that is removed, on all servers, without a poll', async (_, remove) => {
      const clock = fakeClock()
      const scope = await scopeIn(db)
      const other = await target.another()
      const streams = [db, other].map((on) => new BuildEvents(on, { clock }).stream(id, { signal: new AbortController().signal }).next())
      while (clock.sleeping < 2) await new Promise((resolve) => setImmediate(resolve))
      await remove(scope, other)
      expect(await Promise.all(streams)).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }])
    })

    it('ends a stream of a build that does not exist', async () => {
      const clock = fakeClock()
      const next = reader({ clock }).stream(id + 1, { signal: new AbortController().signal }).next()
      await asleep(clock)
      await clock.advance(10_000)
      expect(await next).toEqual({ done: true, value: undefined })
    })
  })
}

/** Resolves when the stream has read all events and waits for more. */
async function asleep(clock: ReturnType<typeof fakeClock>): Promise<void> {
  while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
}
