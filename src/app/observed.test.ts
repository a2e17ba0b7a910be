import { expect, test } from 'vitest'
import type { Db, Tx } from '../db/db.ts'
import { fakeClock } from '../lib/clock.ts'
import type { Happening } from '../model/happening.ts'
import { ok } from '../model/result.ts'
import type { Container, ContainerSpec } from '../runtime/contract.ts'
import { FakeRuntime } from '../runtime/fake/runtime.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import { observedCaches, observedDb, observedLog, observedRuntime } from './observed.ts'

const counting = () => {
  const counted: Happening[] = []
  return { counted, observe: (happening: Happening) => void counted.push(happening) }
}

test('queries are counted, those within transactions too', async () => {
  const { counted, observe } = counting()
  const queryable = { query: () => Promise.resolve([]), script: () => Promise.resolve() }
  const db = observedDb({ ...queryable, transaction: (work: (tx: Tx) => Promise<unknown>) => work({ ...queryable, transactional: true }) } as unknown as Db, observe)
  await db.query('one')
  await db.script('two')
  await db.transaction(async (tx) => {
    await tx.query('three')
    await tx.script('four')
  })
  expect(counted).toHaveLength(4)
})

test('the wait of a step is timed until its container is ready or refused; containers prepared ahead are not', async () => {
  const { counted, observe } = counting()
  const clock = fakeClock()
  const slow = withOverrides(new FakeRuntime(), {
    async prepare() {
      await clock.sleep(3_000)
      return ok({} as Container)
    },
  })
  const runtime = observedRuntime(slow, clock, observe)
  const spec = { type: 'task', guess: false, tags: ['gpu'], metadata: { team: 'main' } } as unknown as ContainerSpec
  const options = { signal: new AbortController().signal, onReason: () => undefined }
  const made = Promise.all([runtime.prepare(spec, options), runtime.prepare({ ...spec, guess: true }, options)])
  await clock.advance(3_000)
  await made
  const step = { team: 'main', type: 'task', tags: ['gpu'] }
  expect(counted).toEqual([{ kind: 'step-waits', ...step }, { kind: 'step-waited', ...step, ms: 3_000 }])
})

test('hits of the cache of gets are counted, misses are not', async () => {
  const { counted, observe } = counting()
  const found = new Map([['known', {} as never]])
  const caches = observedCaches({ get: (key) => Promise.resolve(found.get(key)), put: () => Promise.resolve() }, observe)
  await caches.get('known', 0)
  await caches.get('unknown', 0)
  expect(counted).toEqual([{ kind: 'get-cache-hit' }])
})

test('errors are counted by their message and logged, and the level is the log’s own', () => {
  const { counted, observe } = counting()
  const written: string[] = []
  const write = (level: string) => (_fields: object, message: string) => void written.push(`${level} ${message}`)
  const inner = { level: 'info', debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const log = observedLog(inner, observe)
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, 'x')
  log.level = 'error'
  expect([written, inner.level, log.level]).toEqual([['debug x', 'info x', 'warn x', 'error x'], 'error', 'error'])
  expect(counted).toEqual([{ kind: 'error-logged', message: 'x' }])
})
