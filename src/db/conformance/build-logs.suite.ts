import { beforeEach, describe, expect, it } from 'vitest'
import { collectBuildLogs } from '../../retention/build-log-collection.ts'
import { fakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { BuildEvents } from '../build-events.ts'
import { BuildLogs } from '../build-logs.ts'
import { BuildLists } from '../build-lists.ts'
import { Builds } from '../builds.ts'
import type { Db } from '../db.ts'
import { cipher, scopeIn } from './build-fixtures.ts'
import type { Target } from './target.ts'

export function buildLogsSuite(target: Target): void {
  describe('logs of builds', () => {
    let db: Db
    let builds: Builds
    let logs: BuildLogs
    let scope: Awaited<ReturnType<typeof scopeIn>>
    const clock = fakeClock()
    beforeEach(async () => {
      db = await target.fresh()
      builds = new Builds(db, cipher)
      logs = new BuildLogs(db)
      scope = await scopeIn(db)
    })

    /** A build with some events; it has ended unless it `runs`. */
    async function build(options: { readonly oneOff?: boolean; readonly runs?: boolean } = {}): Promise<number> {
      const kind = options.oneOff === true ? 'one-off' : 'job'
      const id = await builds.createStarted({ kind, scope: kind === 'job' ? scope : { teamId: scope.teamId } }, { plan: 'p' }, clock.now())
      await builds.claim('e', clock.now(), 1_000, id)
      await builds.commit(id, 'e', clock.now(), {
        events: [{ type: 'status', version: '1.0', payload: '{"status":"started"}' }, { type: 'log', version: '5.1', payload: '{}' }, ...(options.runs === true ? [] : [{ type: 'status', version: '1.0', payload: '{"status":"succeeded"}' }])],
        steps: [{ planId: '1', record: {} }],
        ...(options.runs !== true && { finish: { status: 'succeeded' } }),
      })
      return id
    }
    const events = async (id: number) => (await new BuildEvents(db, { clock }).read(id, -1, 10)).map(({ type }) => type)
    const collect = (limits: object, config?: object) =>
      collectBuildLogs(
        {
          store: logs, clock, log: silentLog,
          limits: { defaultBuilds: 0, maxBuilds: 0, defaultDays: 0, maxDays: 0, ...limits },
          jobs: async function* () {
            yield [{ id: scope.jobId, ...(config && { config: { name: 'j', plan: [], ...config } }) }]
          },
        },
        new AbortController().signal,
      )

    it('go where the job keeps fewer, with plan and steps; the build and its final status stay', async () => {
      const [old, young, running] = [await build(), await build(), await build({ runs: true })]
      await collect({}, { build_log_retention: { builds: 1 } })
      expect([await events(old), await events(young), await events(running)]).toEqual([['status', 'status'], ['status', 'log', 'status'], ['status', 'log']])
      expect(await new BuildLists(db).get(old)).toMatchObject({ status: 'succeeded', reapedAt: clock.now() })
      expect((await builds.get(old))?.context).toBeUndefined()
      expect([...(await builds.steps(old))]).toEqual([])
      expect((await builds.get(young))?.context).toEqual({ plan: 'p' })
      expect((await logs.logged(scope.jobId, undefined, 10)).map(({ id }) => id)).toEqual([running, young])
    })

    it('of a build that runs are not dropped, whoever asks', async () => {
      const running = await build({ runs: true })
      await logs.dropLogs([running], clock.now())
      expect(await events(running)).toEqual(['status', 'log'])
    })

    it('of one-off builds go by their age, and all stay where nothing is set', async () => {
      const [oneOff, ofJob] = [await build({ oneOff: true }), await build()]
      await collect({})
      expect(await events(oneOff)).toHaveLength(3)
      await clock.advance(3 * 24 * 3_600_000)
      await collect({ maxDays: 2 }, {})
      expect([await events(oneOff), await events(ofJob)]).toEqual([['status', 'status'], ['status', 'status']])
    })

    it('of more builds than a page are all looked at', async () => {
      await db.query(
        `insert into builds (kind, name, team_id, pipeline_id, job_id, status, created_at, ended_at) select 'job', n::text, $1, $2, $3, 'aborted', 0, 1 from generate_series(1, 1200) n`,
        [scope.teamId, scope.pipelineId, scope.jobId],
      )
      await collect({ defaultBuilds: 5 })
      expect(await logs.logged(scope.jobId, undefined, 100)).toHaveLength(5)
    })

    it('leave space that a vacuum frees', async () => {
      const tables = await logs.tables()
      if (db.driver === 'pg') return expect(tables).toEqual([])
      expect(tables).toContain('build_events')
      for (const table of tables) await logs.vacuum(table)
    })
  })
}
