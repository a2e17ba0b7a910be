import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, type Recording } from './exchange.ts'
import { Replay } from './replay.ts'
import { startWireWorld, type WireWorld } from './world.ts'

const folder = join(import.meta.dirname, 'recordings')
const recordings = readdirSync(folder).toSorted().map((file) => ({ file, recording: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording }))

/** Events by which fly ends, and says how. Which others come depends on what is cached, and on when an abort comes. */
const decisive = (events: readonly string[] | undefined): readonly string[] | undefined => events?.filter((event) => /^(status|finish-task) /.test(event))
const known = new Set(recordings.flatMap(({ recording }) => recording.exchanges.flatMap(({ answer }) => answer.events ?? [])))

/** What fly 8.2.5 sent and was answered (record.test.ts), sent again to a fresh server: statuses, headers that fly reads, and shapes are the same. */
describe('the requests of fly', () => {
  let world: WireWorld
  let replay: Replay

  beforeAll(async () => {
    world = await startWireWorld()
    replay = new Replay(world.url, { url: world.url, registry: world.registry, password: world.password })
  })
  afterAll(() => world.stop())

  test('stand recorded', () => expect(recordings.length).toBeGreaterThan(60))

  // In their order: each builds on those before.
  test.each(recordings)('$file is answered as it was', async ({ recording }) => {
    const wrong: string[] = []
    for (const exchange of recording.exchanges) {
      const { method, path, answer } = exchange
      const seen = await replay.send(exchange)
      const compare = (what: string, was: unknown, is: unknown) => {
        if (JSON.stringify(was) !== JSON.stringify(is)) wrong.push(`${method} ${path}: ${what} was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`)
      }
      compare('the status', answer.status, seen.status)
      compare('the headers', answer.headers, seen.headers)
      compare('the events', decisive(answer.events), decisive(seen.events))
      wrong.push(...(seen.events ?? []).filter((event) => !known.has(event)).map((event) => `${method} ${path}: no event ${event} was recorded, and fly may not know its version`))
      compare('the messages', answer.kinds, seen.kinds)
      wrong.push(...(answer.shape === undefined || seen.shape === undefined ? [] : differences(answer.shape, seen.shape)).map((difference) => `${method} ${path}: ${difference}`))
    }
    expect(wrong, recording.command).toEqual([])
  })
})
