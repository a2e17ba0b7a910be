import { expect, test } from 'vitest'
import { KeptLists } from './kept-lists.ts'

const world = (bytes?: number) => {
  const state = { changes: 1, made: 0 }
  const lists = new KeptLists(() => Promise.resolve(state.changes), bytes)
  const ask = async (key = 'all'): Promise<unknown> => JSON.parse((await lists.of(key, () => Promise.resolve([(state.made += 1)]))).bytes.toString())
  return { state, lists, ask }
}

test('a list is made once for each key, and again after a change', async () => {
  const { state, ask } = world()
  expect([await ask(), await ask(), await ask('other'), await ask('other')]).toEqual([[1], [1], [2], [2]])
  state.changes += 1
  expect([await ask(), await ask('other'), await ask()]).toEqual([[3], [4], [3]])
})

test('those who ask at once share one list, but not one that was begun before a change', async () => {
  const { state, lists, ask } = world()
  const slow = Promise.withResolvers<unknown>()
  const first = lists.of('all', () => slow.promise)
  const second = lists.of('all', () => Promise.reject(new Error('made twice')))
  await Promise.resolve()
  state.changes += 1
  expect(await ask()).toEqual([1])
  slow.resolve(['old'])
  expect([(await first).bytes.toString(), (await second).bytes.toString()]).toEqual(['["old"]\n', '["old"]\n'])
  expect(await ask()).not.toEqual(['old'])
})

test('what fails is not kept', async () => {
  const { lists, ask } = world()
  await expect(lists.of('all', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await ask()).toEqual([1])
})

test('lists beyond the bound of bytes are made again', async () => {
  const { ask } = world(2_000)
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await ask(key)
  expect([await ask('f'), await ask('a')]).toEqual([[6], [7]])
})
