import { beforeEach, describe, expect, it } from 'vitest'
import type { BuildRegistry, BuildStore } from '../../engine/ports.ts'
import type { BuildScope, StoredEvent } from '../../model/build.ts'
import { eventVersions } from '../../model/event.ts'
import { finalStatus } from '../../model/final-status.ts'

/** Builds, as the engine and the callers that create builds use them. */
export interface BuildsUnderTest extends BuildStore, BuildRegistry {
  releaseAll(): Promise<void>
}

/** An empty store. */
export interface BuildsState {
  readonly builds: BuildsUnderTest
  /** The same builds, used by another server. */
  another(): Promise<BuildsUnderTest>
  /** Ids of the team `main`, its pipeline `p` and the pipeline's job `j`. */
  readonly scope: Required<BuildScope>
  events(buildId: number): Promise<readonly Pick<StoredEvent, 'id' | 'type' | 'payload'>[]>
}

/** What every store of builds must do. */
export function buildsSuite(target: { readonly name: string; fresh(): Promise<BuildsState> }): void {
  describe(target.name, () => {
    let state: BuildsState
    let builds: BuildsUnderTest
    beforeEach(async () => {
      state = await target.fresh()
      builds = state.builds
    })
    const context = { plan: { id: '1' } }
    const create = (): Promise<number> => builds.createStarted({ kind: 'job', scope: state.scope }, context, 1_000)

    it('returns what was stored', async () => {
      const given = { plan: { id: '1', __proto__x: 'a\0b', list: [null, 1.5, 'ü \ud83d\ude00'] }, vars: { secret: 'hunter2' } }
      const { scope } = state
      const id = await builds.createStarted({ kind: 'job', scope, name: '7', createdBy: 'me' }, given, 1_000)
      const summary = { id, kind: 'job', name: '7', scope, team: 'main', pipeline: 'p', job: 'j', status: 'started', createdBy: 'me', createdAt: 1_000, startedAt: 1_000, abortRequested: false }
      expect(await builds.get(id)).toEqual({ ...summary, context: given })
      expect(await builds.list()).toEqual([summary])
      expect(await builds.claim('a', 2_000, 500)).toEqual({ ...summary, context: given, resumed: false })
      expect(await builds.get(id + 1)).toBeUndefined()
    })

    it('a pending build cannot be claimed before it is started, which happens once', async () => {
      const { teamId } = state.scope
      const id = await builds.create({ kind: 'one-off', scope: { teamId } }, 1_000)
      const pending = { id, kind: 'one-off', name: String(id), scope: { teamId }, team: 'main', status: 'pending', createdAt: 1_000, abortRequested: false }
      expect(await builds.get(id)).toEqual(pending)
      expect(await builds.claim('a', 2_000, 500)).toBeUndefined()
      expect(await builds.claim('a', 2_000, 500, id)).toBeUndefined()
      expect(await builds.start(id, context, 3_000)).toBe(true)
      expect(await builds.start(id, { other: true }, 4_000)).toBe(false)
      expect(await builds.claim('a', 5_000, 500)).toEqual({ ...pending, status: 'started', startedAt: 3_000, context, resumed: false })
    })

    it('notifies engines of a build that is started or given back', async () => {
      let told = Promise.withResolvers<void>()
      const stop = await builds.onStarted(() => told.resolve())
      const other = await state.another()
      const id = await other.create({ kind: 'job', scope: state.scope }, 0)
      await other.start(id, context, 1)
      await told.promise
      told = Promise.withResolvers<void>()
      await other.createStarted({ kind: 'job', scope: state.scope }, context, 2)
      await told.promise
      await stop()
    })

    it('ends a pending build at once when its abort is requested', async () => {
      const id = await builds.create({ kind: 'job', scope: state.scope }, 1_000)
      expect(await builds.requestAbort(id, 2_000)).toBe(true)
      expect(await builds.get(id)).toMatchObject({ status: 'aborted', endedAt: 2_000 })
      expect(await builds.start(id, context, 3_000)).toBe(false)
      expect(await builds.requestAbort(id, 4_000)).toBe(false)
      const { event } = finalStatus('aborted', 2)
      expect(await state.events(id)).toMatchObject([{ id: 0, type: event.type, version: eventVersions[event.type], payload: JSON.stringify(event.data) }])
    })

    it('claims the oldest free build, each once, or a named one', async () => {
      const [first, second, third] = [await create(), await create(), await create()]
      expect((await builds.claim('a', 1, 1_000))?.id).toBe(first)
      expect((await builds.claim('b', 1, 1_000, third))?.id).toBe(third)
      expect(await builds.claim('c', 1, 1_000, third)).toBeUndefined()
      expect((await builds.claim('d', 1, 1_000))?.id).toBe(second)
      expect(await builds.claim('e', 1, 1_000)).toBeUndefined()
    })

    it('a build whose lease ran out goes to the next owner; the first cannot write', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      expect(await builds.claim('b', 999, 1_000)).toBeUndefined()
      expect(await builds.claim('b', 1_000, 1_000)).toMatchObject({ startedAt: 1_000, resumed: true })
      expect(await builds.renew(id, 'a', 1_001, 1_000)).toEqual({ held: false, abortRequested: false })
      const writes = {
        events: [{ type: 'log', version: '1', payload: '{}' }],
        steps: [{ planId: '1', record: {} }],
        containers: [{ handle: 'h', planId: '1', state: 'ready', guess: false, log: { acked: 0 } }],
        finish: { status: 'succeeded' },
      } as const
      expect(await builds.commit(id, 'a', 1_001, writes)).toBe('lease-lost')
      expect(await state.events(id)).toEqual([])
      expect(await builds.steps(id)).toEqual(new Map())
      expect(await builds.containers(id)).toEqual([])
      expect((await builds.get(id))?.status).toBe('started')
      expect(await builds.commit(id, 'b', 1_001, writes)).toBe('committed')
    })

    it('keeps a renewed lease', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      expect(await builds.renew(id, 'a', 900, 1_000)).toEqual({ held: true, abortRequested: false })
      expect(await builds.claim('b', 1_500, 1_000)).toBeUndefined()
    })

    it('a released build can be claimed at once, and all after releaseAll', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      await builds.release(id, 'not a')
      expect(await builds.claim('b', 1, 1_000)).toBeUndefined()
      await builds.release(id, 'a')
      expect((await builds.claim('b', 1, 1_000))?.id).toBe(id)
      await builds.releaseAll()
      expect((await builds.claim('c', 2, 1_000))?.id).toBe(id)
    })

    it('reports an abort by renew and callback, and at once if it came before the claim', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      const told = Promise.withResolvers<void>()
      const stop = await builds.onAbort(id, told.resolve)
      expect(await (await state.another()).requestAbort(id, 1)).toBe(true)
      await told.promise
      stop()
      expect(await builds.renew(id, 'a', 1, 1_000)).toEqual({ held: true, abortRequested: true })
      const toldLater = Promise.withResolvers<void>()
      ;(await builds.onAbort(id, toldLater.resolve))()
      await toldLater.promise
    })

    it('does not abort a build that has ended', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      await builds.commit(id, 'a', 5, { finish: { status: 'failed' } })
      expect(await builds.requestAbort(id, 6)).toBe(false)
      expect(await builds.requestAbort(id + 1, 6)).toBe(false)
      expect(await builds.get(id)).toMatchObject({ status: 'failed', endedAt: 5, abortRequested: false })
    })

    it('repeats a last commit whose answer was lost, and claims no ended build', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      const writes = { events: [{ key: 'end', type: 'status', version: '1', payload: '{"status":"succeeded"}' }], finish: { status: 'succeeded' } } as const
      expect(await builds.commit(id, 'a', 5, writes)).toBe('committed')
      expect(await builds.commit(id, 'a', 6, writes)).toBe('committed')
      expect((await state.events(id)).map((event) => event.id)).toEqual([0])
      expect((await builds.get(id))?.endedAt).toBe(5)
      expect(await builds.claim('b', 1_000_000, 1_000)).toBeUndefined()
      expect(await builds.renew(id, 'a', 7, 1_000)).toEqual({ held: false, abortRequested: false })
    })

    it('a container belongs to the build that last sent it an assignment', async () => {
      const [first, second] = [await create(), await create()]
      const container = { handle: 'shared', planId: '1', state: 'assigned', guess: false, log: { acked: 3 } } as const
      for (const [id, owner, planId] of [[first, 'a', '1'], [second, 'b', '7']] as const) {
        await builds.claim(owner, 0, 1_000, id)
        await builds.commit(id, owner, 1, { containers: [{ ...container, planId }, { ...container, handle: `own-${owner}` }] })
      }
      expect((await builds.containers(first)).map(({ handle }) => handle)).toEqual(['own-a'])
      expect((await builds.containers(second)).find(({ handle }) => handle === 'shared')).toEqual({ ...container, planId: '7' })
      expect(await builds.owners(['shared', 'own-a', 'unknown'])).toEqual(new Map([['shared', second], ['own-a', first]]))
      expect(await builds.owners([])).toEqual(new Map())
    })

    it('keeps the newest record of steps and containers', async () => {
      const id = await create()
      await builds.claim('a', 0, 1_000)
      const container = { handle: 'h', planId: '1', state: 'preparing', guess: true, log: { acked: 0 } } as const
      await builds.commit(id, 'a', 1, { containers: [container, { ...container, handle: 'g' }], steps: [{ planId: '1', record: { a: 1 } }] })
      const later = { handle: 'h', planId: '1', state: 'assigned', guess: false, host: 'node-1', log: { acked: 9, stdout: { seq: 10, offset: 3 } } } as const
      await builds.commit(id, 'a', 2, {
        containers: [container, later],
        steps: [
          { planId: '1', record: { a: 2, text: 'a\0b' } },
          { planId: '2', record: { values: ['hunter2', '\0'] }, secret: true },
          { planId: '3', record: { b: 1 }, secrets: ['hunter3', '\0'] },
          { planId: '4', record: { c: 1 }, secrets: [] },
        ],
      })
      expect(await builds.containers(id)).toEqual([{ ...container, handle: 'g' }, later])
      expect(await builds.steps(id)).toEqual(
        new Map<string, object>([
          ['1', { a: 2, text: 'a\0b' }],
          ['2', { values: ['hunter2', '\0'] }],
          ['3', { b: 1, secrets: ['hunter3', '\0'] }],
          ['4', { c: 1 }],
        ]),
      )
    })

    it('lists the newest first, or those that have not ended', async () => {
      const [first, second, third] = [await create(), await create(), await create()]
      await builds.claim('a', 0, 1_000, second)
      await builds.commit(second, 'a', 1, { finish: { status: 'aborted' } })
      expect((await builds.list()).map(({ id }) => id)).toEqual([third, second, first])
      expect((await builds.list({ unfinished: true })).map(({ id }) => id)).toEqual([third, first])
      expect((await builds.list({ limit: 1, before: third })).map(({ id }) => id)).toEqual([second])
    })

    it('gives each build to one of many servers', async () => {
      const ids = await Promise.all(Array.from({ length: 10 }, create))
      const other = await state.another()
      const claims = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? builds : other).claim(`owner ${index}`, 1, 1_000)))
      const won = claims.flatMap((build) => (build === undefined ? [] : [build.id]))
      // A server that met only locked rows may have got no build. No build was given twice.
      expect(new Set(won).size).toBe(won.length)
      for (;;) {
        const next = await builds.claim(`sweeper ${won.length}`, 1, 1_000)
        if (next === undefined) break
        won.push(next.id)
      }
      expect(won.toSorted((a, b) => a - b)).toEqual(ids.toSorted((a, b) => a - b))
    })
  })
}
