import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { postgresReason, startPostgres, type Postgres } from '../services/postgres.ts'
import { Client } from './client.ts'
import { Servers } from './servers.ts'
import { watch } from './watch.ts'

const reason = await postgresReason()

// Each server is a process of its own, which a busy machine takes long to start.
describe.skipIf(reason !== undefined)(`several servers on PostgreSQL${reason === undefined ? '' : ` (left out: ${reason})`}`, () => {
  let postgres: Postgres
  let servers: Servers
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.stop())
  afterEach(() => servers.close())

  test('SIGTERM during 100 watched builds: no watcher sees an end, and all builds go on', async () => {
    servers = await Servers.on(await postgres.createDatabase())
    const first = await servers.start({ delayMs: 50, spreadMs: 200 })
    const client = await Client.to(first.url, servers)
    await client.setPipeline(servers.pipeline({ held: { FAKE_HOLD: 'go', FAKE_STDOUT: 'first\nsecond', FAKE_SPLIT: '6' } }))
    const builds: number[] = []
    for (let index = 0; index < 100; index++) builds.push(await client.trigger('held'))
    const { token } = client
    const watchers = builds.map((buildId) => watch(first.url, { buildId, token }))
    await Promise.all(watchers.map((watcher) => watcher.until((frames) => frames.some(({ data }) => data.includes('"first')))))
    const second = await servers.start()
    first.child.kill('SIGTERM')
    expect(await Promise.all(watchers.map(({ end }) => end))).toEqual(builds.map(() => 'cut'))
    expect(watchers.filter(({ frames }) => frames.some(({ event, data }) => event === 'end' || /"event":"status".*(succeeded|errored|failed|aborted)/.test(data)))).toEqual([])
    expect(await first.ended).toBe(0)

    servers.runtime.let('go')
    const resumed = builds.map((buildId, index) => watch(second.url, { buildId, token, after: watchers[index]?.frames.at(-1)?.id ?? -1 }))
    await Promise.all(resumed.map((watcher) => watcher.until((frames) => frames.some(({ event }) => event === 'end'))))
    for (const [index, watcher] of resumed.entries()) {
      const frames = [...(watchers[index]?.frames ?? []), ...watcher.frames]
      expect(frames.map(({ id }) => id)).toEqual(frames.map((_frame, id) => id))
      expect(frames.filter(({ data }) => data.includes('"first') || data.includes('second')).length).toBe(2)
      expect(frames.at(-2)?.data).toContain('"status":"succeeded"')
    }
    // Each step's process was started once.
    expect(servers.runtime.started.length).toBe(100)
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
  })
})
