import { expect, test } from 'vitest'
import { Together } from './together.ts'

test('what is asked while a batch is under way is the next one, up to the bound', async () => {
  const batches: (readonly number[])[] = []
  const first = Promise.withResolvers<void>()
  const together = new Together<number, string>(3, {
    all: async (asked) => {
      batches.push(asked)
      if (batches.length === 1) await first.promise
      return asked.map(String)
    },
  })
  const answers = [1, 2, 3, 4, 5].map((asked) => together.add(asked))
  first.resolve()
  expect(await Promise.all(answers)).toEqual(['1', '2', '3', '4', '5'])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  expect(await together.add(6)).toBe('6')
})

test('where a batch fails each is asked for alone, and only those that fail alone fail', async () => {
  const one = (asked: number) => (asked === 2 ? Promise.reject(new Error('two')) : Promise.resolve(`${asked} alone`))
  const together = new Together<number, string>(10, { all: () => Promise.reject(new Error('all')), one })
  const settled = await Promise.allSettled([0, 1, 2, 3].map((asked) => together.add(asked)))
  // The first was a batch of its own.
  expect(settled.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message))).toEqual(['all', '1 alone', 'two', '3 alone'])
  const alone = new Together<number, string>(10, { all: () => Promise.reject(new Error('all')) })
  await expect(Promise.all([alone.add(1), alone.add(2)])).rejects.toThrow('all')
})
