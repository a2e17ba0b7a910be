import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BuildEvents } from '../../src/db/build-events.ts'
import { Builds } from '../../src/db/builds.ts'
import { aesCipher } from '../../src/db/cipher.ts'
import { testTemplate } from '../../src/db/conformance/template-cache.ts'
import type { Db } from '../../src/db/db.ts'
import { migrate } from '../../src/db/migrate.ts'
import { openPg } from '../../src/db/pg/pg-db.ts'
import { openPglite } from '../../src/db/pglite/pglite-db.ts'
import { ResourceCaches } from '../../src/db/resource-caches.ts'
import { Scopes } from '../../src/db/scopes.ts'
import { TaskCaches } from '../../src/db/task-caches.ts'
import { Versions } from '../../src/db/versions.ts'
import { ScopeChecks } from '../../src/checks/scope-checks.ts'
import { Engine } from '../../src/engine/engine.ts'
import { joinedEventLines, stepNames } from '../../src/engine/testing/event-lines.ts'
import { contextOf, fakeServices, planOf, taskYaml } from '../../src/engine/testing/kit.ts'
import { Life, mortalRuntime, mortalStore } from '../../src/engine/testing/mortal.ts'
import { fakeClock } from '../../src/lib/clock.ts'
import { postgresReason, startPostgres } from '../services/postgres.ts'

const planned = planOf(`
resource_types: [{name: custom, type: registry-image, source: {repository: acme/custom}}]
resources:
- {name: repo, type: custom, source: {stderr: "cloning with ((secret))"}}
- {name: release, type: custom, source: {stderr: pushing, metadata: [{name: "n", value: "ü\\0"}]}}
jobs:
- name: long
  plan:
  - get: repo
  - ${taskYaml('first', { FAKE_STDOUT: 'one\ntwo \u0000 zero\nhunter2-hunter2', FAKE_SPLIT: '7' })}
  - in_parallel: [${taskYaml('left', { FAKE_STDOUT: 'l' })}, ${taskYaml('right', { FAKE_STDERR: 'r' })}]
  - {do: [{put: release}], timeout: 1h}
  - ${taskYaml('fails', { FAKE_EXIT: '7' }).slice(0, -1)}, attempts: 2, ensure: ${taskYaml('clean')}}
`)
const names = stepNames(planned.plan)

async function buildWithDeaths(db: Db, stride: number) {
  const clock = fakeClock()
  const builds = new Builds(db, aesCipher(Buffer.alloc(32)))
  const services = fakeServices({}, { clock })
  const buildId = await builds.createStarted({ kind: 'job', scope: await new Scopes(db).ensure({ team: 'main', pipeline: 'p', job: 'long' }, 0) }, contextOf(planned, ['secret=hunter2-hunter2']), clock.now())
  const versions = new Versions(db)
  const real = { ...services, versions: new ScopeChecks(versions, clock, { onVersions: () => Promise.resolve(), onEnd: (end) => versions.saveEnds([end]) }), resourceCaches: new ResourceCaches(db), taskCaches: new TaskCaches(db) }
  let lives = 0
  for (let ended = false; !ended; lives += 1) {
    await builds.releaseAll()
    const life = new Life((_point, count) => count === stride + lives)
    const engine = new Engine({ ...real, runtime: mortalRuntime(services.runtime, life) }, mortalStore(builds, life), `server-${lives}`)
    const claimed = await engine.claim(buildId)
    if (claimed === undefined) break // it died after the build's end
    ended = await Promise.race([claimed.end.then(() => engine.stop()).then(() => true), life.ended.then(() => false)])
  }
  const events = await new BuildEvents(db, { clock }).read(buildId, -1, 10_000)
  expect(events.map(({ id }) => id), 'ids are dense').toEqual(events.map((_event, index) => index))
  await db.query('delete from resource_caches')
  const byStep = Map.groupBy(events, ({ payload }) => (JSON.parse(payload) as { origin?: { id: string } }).origin?.id ?? '')
  return {
    lives,
    status: (await builds.get(buildId))?.status,
    // A check that ended just before its server died has been saved, and answers the same check after it: that one does not start.
    events: [...byStep].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => joinedEventLines(own, names)).filter((line) => line !== 'start get:repo/image-check'),
    started: services.runtime.started.map(({ spec }) => spec.metadata.planId).toSorted(),
  }
}

/** A database with our tables, and what ends it. */
interface Opened {
  readonly db: Db
  close(): Promise<void>
}

async function pglite(): Promise<Opened> {
  const dir = await mkdtemp(join(tmpdir(), 'airside-engine-'))
  const db = await openPglite({ dir, template: testTemplate })
  return { db, close: () => db.close().then(() => rm(dir, { recursive: true, force: true })) }
}

async function postgres(): Promise<Opened> {
  const server = await startPostgres({ log: console.error })
  const db = openPg({ url: await server.createDatabase(), connections: 4 })
  await migrate(db, 0)
  return { db, close: () => db.close().then(() => server.stop()) }
}

const reason = await postgresReason()

/** The engine on real databases: few lives of a server, each killed somewhere else. */
for (const [name, open, left] of [['PGlite', pglite, undefined], ['PostgreSQL', postgres, reason]] as const) {
  test.skipIf(left !== undefined)(
    `a build on ${name} is the same whatever the deaths of its servers${left === undefined ? '' : ` (${left})`}`,
    async () => {
      const { db, close } = await open()
      try {
        const expected = await buildWithDeaths(db, 10_000)
        expect(expected).toMatchObject({ status: 'failed', lives: 1 })
        expect(new Set(expected.started).size).toBe(expected.started.length)
        expect(expected.events.join('\n')).not.toContain('hunter2')
        for (const stride of [3, 8, 14, 31, 60]) {
          const { lives, ...same } = await buildWithDeaths(db, stride)
          expect(lives).toBeGreaterThan(1)
          expect({ lives: 1, ...same }, `stride ${stride}, ${lives} lives`).toEqual(expected)
        }
      } finally {
        await close()
      }
    },
    240_000,
  )
}
