import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import type { Postgres } from '../../../test/services/postgres.ts'
import { ScopeChecks } from '../../checks/scope-checks.ts'
import type { Version } from '../../model/version.ts'
import { BuildEvents } from '../build-events.ts'
import { commitBuild } from '../build-commit.ts'
import type { BuildWrites } from '../../model/build.ts'
import { Builds } from '../builds.ts'
import { Checks } from '../checks.ts'
import type { Db } from '../db.ts'
import { isTransient } from '../db-error.ts'
import { cipher, startedBuild } from './build-fixtures.ts'
import { Versions } from '../versions.ts'
import type { Target } from './target.ts'

const line = (key: string) => ({ key, type: 'log', version: '5.1', payload: '{}' })

async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isTransient(error)) throw error
    }
  }
}

/** Connections that are cut and servers that are killed while a build writes. */
export function pgFaultsSuite(target: Target, server: () => Postgres): void {
  describe('PostgreSQL faults', () => {
    let db: Db
    let killer: Db
    let builds: Builds
    let id: number
    beforeEach(async () => {
      db = await target.fresh()
      killer = await target.another()
      builds = new Builds(db, cipher)
      id = await startedBuild(db)
      await builds.claim('a', 0, 1_000)
    })
    const ids = async (): Promise<number[]> => (await new BuildEvents(killer, { clock: systemClock }).read(id, -1, 10_000)).map((event) => event.id)
    const cutAll = (): Promise<unknown> =>
      killer.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
    /** Repeats a commit until it is answered, as the engine does. */
    const insist = async (writes: BuildWrites): Promise<void> => {
      expect(await untilAnswered(() => builds.commit(id, 'a', 1, writes))).toBe('committed')
    }

    it('event ids are neither lost nor repeated when the commit’s connection is cut', async () => {
      await insist({ events: [line('0')] })
      const cut = db.transaction(async (tx) => {
        await commitBuild(tx, { buildId: id, owner: 'a', now: 1, writes: { events: [line('1'), line('2')] } })
        const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
        await killer.query('select pg_terminate_backend($1)', [pid])
      })
      await expect(cut).rejects.toMatchObject({ kind: 'connection' })
      expect(await ids()).toEqual([0])
      await insist({ events: [line('1'), line('2')] })
      await insist({ events: [line('1'), line('2')] })
      expect(await ids()).toEqual([0, 1, 2])
    })

    it('event ids are neither lost nor repeated when connections are cut at any time', async () => {
      const batches = 60
      let progress = Promise.withResolvers<void>()
      let written = 0
      const writing = (async () => {
        for (; written < batches; written++) {
          const container = { handle: 'h', planId: '1', state: 'assigned', guess: false, log: { acked: written } } as const
          await insist({ events: [line(`${written} a`), line(`${written} b`)], containers: [container] })
          progress.resolve()
        }
      })()
      while (written < batches) {
        await Promise.race([writing, progress.promise])
        progress = Promise.withResolvers()
        await cutAll()
      }
      await writing
      expect(await ids()).toEqual(Array.from({ length: batches * 2 }, (_, index) => index))
      // A pooled connection may notice only now that it was cut.
      expect(await untilAnswered(() => builds.containers(id))).toMatchObject([{ log: { acked: batches - 1 } }])
    })

    it('a listener whose connection was cut is told of a gap, and hears again', async () => {
      const heard: (string | undefined)[] = []
      const missed = Promise.withResolvers<void>()
      const after = Promise.withResolvers<void>()
      await db.listen('channel_a', (payload) => {
        heard.push(payload)
        if (payload === undefined) missed.resolve()
        if (payload === 'after') after.resolve()
      })
      await killer.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`)
      await missed.promise
      killer.notify('channel_a', 'after')
      await after.promise
      expect(heard).toEqual([undefined, 'after'])
    })

    it('versions that a crash took along are found again, though the server that found them goes on', async () => {
      const [one, two]: readonly [Version, Version] = [{ ref: '1' }, { ref: '2' }]
      let [scopeId, answered] = [0, 0]
      const scopes = new ScopeChecks(new Versions(db), systemClock, { pointerOf: () => scopeId, onVersions: () => Promise.resolve(), onEnd: ({ scopeId: of }) => Promise.resolve(void (scopeId = of)) })
      const gap = Promise.withResolvers<void>()
      await new Checks(db, cipher).onWanted((scope) => {
        if (scope !== undefined) return
        scopes.forgetAll()
        gap.resolve()
      })
      /** Finds, as most types do, the version that it begins from and those after it. */
      const check = async (...versions: readonly Version[]): Promise<void> => {
        const now = systemClock.now()
        const turn = await untilAnswered(() => scopes.begin({ scope: 's', resource: { name: 'r', pipelineId: 1 }, build: { id, createdAt: now + ++answered, startedAt: now } }, new AbortController().signal))
        if (turn.kind !== 'run') throw new Error('answered')
        await turn.end({ kind: 'found', versions: versions.slice(Math.max(0, versions.findIndex(({ ref }) => ref === turn.from?.ref))) })
      }
      const latest = () => new Versions(killer).latest('s')
      await check(one)
      // Makes what was committed before it durable.
      await insist({ events: [line('0')] })
      // From now on nothing is written to the disk but by a commit that waits for it.
      const [{ writer } = { writer: 0 }] = await killer.query<{ writer: number }>(`select pid as writer from pg_stat_activity where backend_type = 'walwriter'`)
      process.kill(writer, 'SIGSTOP')
      await check(one, two)
      // What the second of these finds is remembered.
      await check(one, two)
      await check(one, two)
      expect(await latest()).toEqual(two)
      // PostgreSQL begins anew from the disk when one of its processes is killed.
      process.kill(writer, 'SIGKILL')
      await gap.promise
      expect(await untilAnswered(latest)).toEqual(one)
      await check(one, two)
      expect(await latest()).toEqual(two)
    })

    it('acknowledged events are kept, and streams go on, when the server crashes', async () => {
      await insist({ events: [line('0'), line('1')] })
      const got: number[] = []
      const begun = Promise.withResolvers<void>()
      const streaming = (async () => {
        for await (const batch of new BuildEvents(db, { clock: systemClock, pollMs: 200 }).stream(id, { signal: new AbortController().signal })) {
          got.push(...batch.map((event) => event.id))
          begun.resolve()
        }
      })()
      await begun.promise
      await server().crash()
      await insist({ events: [line('1'), line('2')] })
      await insist({ events: [{ key: 'end', type: 'status', version: '1.0', payload: '{"status":"failed"}' }], finish: { status: 'failed' } })
      await streaming
      expect(got).toEqual([0, 1, 2, 3])
    })
  })
}
