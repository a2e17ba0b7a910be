import { monitorEventLoopDelay } from 'node:perf_hooks'
import { CheckHub } from '../src/checks/hub.ts'
import { CheckRunner } from '../src/checks/run-check.ts'
import { CheckService } from '../src/checks/service.ts'
import { parsePipeline } from '../src/config/parse-pipeline.ts'
import { pipelineToJson } from '../src/config/wire.ts'
import { Checks } from '../src/db/checks.ts'
import { CheckShards } from '../src/db/check-shards.ts'
import { aesCipher } from '../src/db/cipher.ts'
import type { Db, Queryable } from '../src/db/db.ts'
import { migrate } from '../src/db/migrate.ts'
import { Pipelines } from '../src/db/pipelines.ts'
import { Teams } from '../src/db/teams.ts'
import { Versions } from '../src/db/versions.ts'
import { fakeServices } from '../src/engine/testing/kit.ts'
import { systemClock } from '../src/lib/clock.ts'
import { withOverrides } from '../src/lib/with-overrides.ts'
import { PipelineConfigs } from '../src/pipelines/configs.ts'
import { rowChanges } from '../src/pipelines/row-changes.ts'
import { benchDatabases } from './databases.ts'
import { table, type Finding } from './report.ts'

/** 40 000 checks a minute: so many registry images, each checked again so many seconds after its last check. AIRSIDE_BENCH_RESOURCES=40000: each minute. */
const resources = Number(process.env['AIRSIDE_BENCH_RESOURCES'] ?? 4_000)
const everySeconds = Math.round(resources / (40_000 / 60))
const inPipeline = 50
/** The whole interval at least: checks are spread over it. */
const seconds = Math.max(30, everySeconds)

/** Statements of a database, and how long they took. */
function counted(db: Db): { readonly db: Db; readonly statements: { count: number; writes: number; ms: number } } {
  const statements = { count: 0, writes: 0, ms: 0 }
  const query: Queryable['query'] = async (sql, params) => {
    const began = performance.now()
    try {
      return await db.query(sql, params)
    } finally {
      statements.count += 1
      if (/\b(?:insert|update|delete)\b/i.test(sql)) statements.writes += 1
      statements.ms += performance.now() - began
    }
  }
  return { db: withOverrides(db, { query }), statements }
}

async function checksBench(opened: Db, name: string): Promise<Finding> {
  const clock = systemClock
  await migrate(opened, clock.now())
  const { db, statements } = counted(opened)
  const cipher = aesCipher(Buffer.alloc(32))
  await new Teams(db).put({ name: 'main', auth: {}, admin: true }, clock.now())
  const pipelines = new Pipelines(db, cipher)
  for (let pipeline = 0; pipeline < resources / inPipeline; pipeline += 1) await set(pipelines, pipeline)

  const hub = new CheckHub(new Versions(db), new Checks(db, cipher), clock)
  const services = { ...fakeServices(), versions: hub.versions }
  const runner = new CheckRunner({ services, configs: new PipelineConfigs(pipelines), runtime: {}, owner: 'bench' })
  let ran = 0
  const service = new CheckService({
    owner: 'bench', store: new Checks(db, cipher), shards: new CheckShards(db), ends: hub.ends, clock, log: services.log, random: Math.random,
    run: (resource, how) => {
      ran += 1
      return runner.run(resource, how)
    },
    stopRunning: () => runner.stop(),
  })
  hub.attach(runner, service)
  const began = performance.now()
  await service.start()
  // The first round finds all that is new, the second remembers it.
  while (ran < 2 * resources) await clock.sleep(100)
  const warm = performance.now() - began

  const walBytes = async (): Promise<number> => Number((await opened.query<{ bytes: string }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`))[0]?.bytes ?? 0)
  const updates = async (): Promise<number> => {
    // What a backend has counted is told within a second.
    await clock.sleep(1_500)
    return Number((await opened.query<{ n: string }>(`select (n_tup_upd + n_tup_ins)::text as n from pg_stat_user_tables where relname = 'scope_checks'`))[0]?.n ?? 0)
  }
  const updated = await updates()
  const wal = await walBytes()
  Object.assign(statements, { count: 0, writes: 0, ms: 0 })
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  const cpu = process.cpuUsage()
  ran = 0
  await clock.sleep(seconds * 1000)
  lag.disable()
  const used = process.cpuUsage(cpu)
  const written = (await walBytes()) - wal
  const perMinute = 60 / seconds
  const finding: Finding = {
    bench: 'checks',
    title: `${resources} registry images, each every ${everySeconds} s, on ${name}`,
    series: { lag_p50: [lag.percentile(50) / 1e6], lag_p99: [lag.percentile(99) / 1e6], lag_max: [lag.max / 1e6] },
    more: {
      checks_per_minute: ran * perMinute,
      statements_per_minute: statements.count * perMinute,
      writes_per_minute: statements.writes * perMinute,
      rows_per_minute: Math.round((await updates()) - updated) * perMinute,
      wal_kb_per_minute: Math.round(written / 1000) * perMinute,
      cpu_percent: Math.round((used.user + used.system) / 10_000 / seconds),
      seconds_to_first_two_rounds: Math.round(warm / 1000),
    },
  }
  await service.stop()
  return finding
}

async function set(pipelines: Pipelines, number: number): Promise<void> {
  const names = Array.from({ length: inPipeline }, (_, index) => `r${number}-${index}`)
  const { config } = parsePipeline(
    JSON.stringify({
      resources: names.map((name) => ({ name, type: 'registry-image', check_every: `${everySeconds}s`, source: { repository: `registry.example/${name}` } })),
      jobs: [{ name: 'j', plan: names.map((name) => ({ get: name, trigger: true })) }],
    }),
    { file: 'bench.yml' },
  )
  if (config === undefined) throw new Error('the bench’s pipeline is not valid')
  await pipelines.save({ team: 'main', name: `p${number}` }, { config: pipelineToJson(config), by: 'bench', initially: 'unpaused', changes: (present) => rowChanges(present, config) }, Date.now())
}

for await (const { name, db } of benchDatabases()) process.stdout.write(`${table(await checksBench(db, name))}\n`)
