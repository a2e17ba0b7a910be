import { expect, test } from 'vitest'
import { NewestAnswer, type AnswerOf } from './newest.ts'

function asking() {
  const asked: { text: string; answer: (value: string) => void }[] = []
  const told: AnswerOf<string>[] = []
  const newest = new NewestAnswer<string>(
    (text) => new Promise((answer) => asked.push({ text, answer })),
    (answer) => told.push(answer),
  )
  const texts = () => asked.map(({ text }) => text)
  const answer = async (at: number) => {
    asked[at]?.answer(`answer ${at}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { newest, told, texts, answer }
}

test('while an answer is awaited only the newest text is kept, and is asked for next', async () => {
  const { newest, told, texts, answer } = asking()
  for (const text of ['u', 'un', 'uni', 'unit']) newest.want(text)
  expect(texts()).toEqual(['u'])
  await answer(0)
  expect(texts()).toEqual(['u', 'unit'])
  await answer(1)
  expect(told).toEqual([{ of: 'u', answer: 'answer 0' }, { of: 'unit', answer: 'answer 1' }])
  newest.want('units')
  expect(texts()).toEqual(['u', 'unit', 'units'])
})

test('what has ended is told nothing more, and asks no more', async () => {
  const { newest, told, texts, answer } = asking()
  newest.want('a')
  newest.want('b')
  newest.end()
  await answer(0)
  expect([told, texts()]).toEqual([[], ['a']])
})
