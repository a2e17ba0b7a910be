import { expect, test } from 'vitest'
import type { CheckToBegin, CheckTurn } from '../engine/ports.ts'
import { fakeClock } from '../lib/clock.ts'
import type { CheckEnd } from './ports.ts'
import { ScopeChecks } from './scope-checks.ts'
import { MemoryScopes } from './testing/memory-scopes.ts'

const never = new AbortController().signal
const resource = { pipelineId: 1, name: 'r' }

function world() {
  const clock = fakeClock(1_000_000)
  const store = new MemoryScopes()
  const changed: number[] = []
  const ends: (CheckEnd & { news: boolean })[] = []
  const checks = new ScopeChecks(store, clock, {
    onVersions: (scopeId) => Promise.resolve(void changed.push(scopeId)),
    onEnd: (end, { news }) => {
      ends.push({ ...end, news })
      return store.saveEnds([end])
    },
  })
  const begin = (check: Partial<CheckToBegin> = {}): Promise<CheckTurn> =>
    checks.begin({ scope: 's', resource, build: { id: 1, createdAt: clock.now(), startedAt: clock.now() }, ...check }, never)
  const run = async (check: Partial<CheckToBegin> = {}) => {
    const turn = await begin(check)
    if (turn.kind !== 'run') throw new Error('it was answered')
    return turn
  }
  return { clock, store, checks, changed, ends, begin, run }
}

const v = (ref: string) => ({ ref })

test('C3: a check begins from what was asked for, else from the latest', async () => {
  const { run } = world()
  const first = await run()
  expect(first.from).toBeUndefined()
  await first.end({ kind: 'found', versions: [v('1'), v('2')] })
  const second = await run()
  expect(second.from).toEqual(v('2'))
  await second.end({ kind: 'stopped' })
  expect((await run({ from: v('0') })).from).toEqual(v('0'))
})

test('what a check finds is told once: when it is new', async () => {
  const { run, changed, ends, store } = world()
  await (await run()).end({ kind: 'found', versions: [v('1')] })
  await (await run()).end({ kind: 'found', versions: [v('1')] })
  expect(changed).toEqual([1])
  expect(ends.map(({ news }) => news)).toEqual([true, false])
  expect(store.pointers.get('1/r')).toBe('s')
})

test('a check that fails is counted and keeps its message; one that was stopped leaves nothing', async () => {
  const { run, store, ends } = world()
  await (await run()).end({ kind: 'failed', message: 'no route to host' })
  expect(store.of('s')).toMatchObject({ error: 'no route to host', times: { failures: 1 } })
  await (await run()).end({ kind: 'stopped' })
  expect(ends).toHaveLength(1)
})

test('checks of one scope wait for each other', async () => {
  const { run } = world()
  const first = await run()
  let begun = false
  const second = run().then((turn) => {
    begun = true
    return turn.end({ kind: 'stopped' })
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(begun).toBe(false)
  await first.end({ kind: 'stopped' })
  await second
})

test('C7: a good check that began after the creation answers, a failed one and an older one do not', async () => {
  const { clock, run, begin } = world()
  const created = { id: 1, createdAt: clock.now(), startedAt: clock.now() }
  await clock.advance(1)
  const failing = await run()
  await failing.end({ kind: 'failed', message: 'x' })
  await (await run({ build: created })).end({ kind: 'found', versions: [v('1')] })
  expect(await begin({ build: created })).toEqual({ kind: 'answered', version: v('1') })
  await (await run({ build: { id: 1, createdAt: clock.now(), startedAt: clock.now() } })).end({ kind: 'stopped' })
  await (await run({ build: created, from: v('0') })).end({ kind: 'stopped' })
})

test('C6: an image is not checked again within its interval, nor twice for one build', async () => {
  const { clock, checks, store } = world()
  const now = () => ({ id: 1, createdAt: clock.now(), startedAt: clock.now() })
  const begin = (build: CheckToBegin['build'], intervalMs?: number): Promise<CheckTurn> =>
    checks.begin({ scope: 'image', build, ...(intervalMs !== undefined && { intervalMs }) }, never)
  const end = async (turn: CheckTurn): Promise<void> => (turn.kind === 'run' ? turn.end({ kind: 'found', versions: [v('1')] }) : undefined)
  const early = now()
  await clock.advance(1000)
  await end(await begin(now()))
  expect(store.pointers.size).toBe(0)
  expect(await begin(early)).toEqual({ kind: 'answered', version: v('1') })
  await clock.advance(59_999)
  expect((await begin(now(), 60_000)).kind).toBe('answered')
  await clock.advance(1)
  const lapsed = await begin(now(), 60_000)
  expect(lapsed.kind).toBe('run')
  await end(lapsed)
  await clock.advance(1)
  const manual = await begin(now())
  expect(manual.kind).toBe('run')
  await end(manual)
})

test('a check whose scope cannot be read lets the next one begin', async () => {
  const { run, store, begin } = world()
  const enter = store.enter.bind(store)
  store.enter = () => Promise.reject(new Error('the database is away'))
  await expect(begin()).rejects.toThrow('away')
  store.enter = enter
  await (await run()).end({ kind: 'stopped' })
})

test('C6: an end that is not saved yet counts', async () => {
  const clock = fakeClock(1_000_000)
  const store = new MemoryScopes()
  const checks = new ScopeChecks(store, clock, { onVersions: () => Promise.resolve(), onEnd: () => Promise.resolve() })
  const begin = () => checks.begin({ scope: 'image', build: { id: 1, createdAt: clock.now(), startedAt: clock.now() }, intervalMs: 60_000 }, never)
  const first = await begin()
  if (first.kind === 'run') await first.end({ kind: 'found', versions: [v('1')] })
  expect(store.of('image').times).toEqual({ failures: 0 })
  expect((await begin()).kind).toBe('answered')
})
