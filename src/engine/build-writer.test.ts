import { expect, test } from 'vitest'
import { Redactor } from '../lib/redactor.ts'
import type { BuildEvent } from '../model/event.ts'
import { BuildWriter, LeaseLost } from './build-writer.ts'
import type { BuildWrites } from '../model/build.ts'
import type { BuildStore } from './ports.ts'

/** Commits wait until the test answers them. */
function slowStore() {
  const commits: { readonly writes: BuildWrites; readonly answer: PromiseWithResolvers<'committed' | 'lease-lost'> }[] = []
  const store = {
    commit: (_id: number, _owner: string, _now: number, writes: BuildWrites) => {
      const answer = Promise.withResolvers<'committed' | 'lease-lost'>()
      commits.push({ writes, answer })
      return answer.promise
    },
  } as unknown as BuildStore
  return { commits, writer: new BuildWriter({ store, buildId: 1, owner: 'me', now: () => 0, redactor: new Redactor() }) }
}

const event = (id: string): BuildEvent => ({ type: 'start-get', data: { origin: { id }, time: 0 } })
const ids = (writes: BuildWrites | undefined) => writes?.events?.map(({ payload }) => (JSON.parse(payload) as { origin: { id: string } }).origin.id)
/** Until the writer has done what it does of itself: it waits for one turn. */
const turn = async () => {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('keeps order, joins what comes while a commit is under way, and answers each writer when its own is durable', async () => {
  const { commits, writer } = slowStore()
  const done: string[] = []
  writer.emit(event('a'))
  void writer.write({ steps: [{ planId: 's1', record: {} }] }).then(() => done.push('s1'))
  await turn()
  writer.emit(event('b'))
  void writer.write({ steps: [{ planId: 's2', record: {} }] }).then(() => done.push('s2'))
  writer.emit(event('c'))
  await turn()
  expect(commits).toHaveLength(1)
  expect(ids(commits[0]?.writes)).toEqual(['a'])
  expect(done).toEqual([])
  commits[0]?.answer.resolve('committed')
  await turn()
  expect(done).toEqual(['s1'])
  expect(commits).toHaveLength(2)
  expect(ids(commits[1]?.writes)).toEqual(['b', 'c'])
  commits[1]?.answer.resolve('committed')
  await turn()
  expect(done).toEqual(['s1', 's2'])
  expect(commits).toHaveLength(2)
})

test.each<[string, (answer: PromiseWithResolvers<'committed' | 'lease-lost'>) => void, string | RegExp]>([
  ['a lost lease', (answer) => answer.resolve('lease-lost'), /run by another server/],
  ['a failed commit', (answer) => answer.reject(new Error('the database is away')), 'the database is away'],
])('%s ends the writer: nothing is written with a gap', async (_what, fail, message) => {
  const { commits, writer } = slowStore()
  const first = writer.write({ events: [] })
  await turn()
  const second = writer.write({ steps: [{ planId: 's', record: {} }] })
  writer.emit(event('lost'))
  expect(writer.failed).toBe(false)
  const answer = commits[0]?.answer
  if (answer === undefined) throw new Error('no commit')
  fail(answer)
  await expect(first).rejects.toThrow(message)
  await expect(second).rejects.toThrow(message)
  await expect(writer.write({})).rejects.toThrow(message)
  writer.emit(event('lost too'))
  await turn()
  expect(writer.failed).toBe(true)
  expect(commits).toHaveLength(1)
})

test('a lost lease is told by its class', async () => {
  const { commits, writer } = slowStore()
  const write = writer.write({})
  await turn()
  commits[0]?.answer.resolve('lease-lost')
  await expect(write).rejects.toBeInstanceOf(LeaseLost)
})

test('what follows at once from the end of a step is in the same commit', async () => {
  const { commits, writer } = slowStore()
  const step = async () => {
    void writer.write({ steps: [{ planId: 's', record: {} }] })
    return 'succeeded' as const
  }
  await step()
  void writer.write({ finish: { status: 'succeeded' } })
  await turn()
  expect(commits.map(({ writes }) => ({ steps: writes.steps?.length, finish: writes.finish }))).toEqual([{ steps: 1, finish: { status: 'succeeded' } }])
})
