import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const never = new AbortController().signal

test('the second of a key waits for the first, and one of another key does not', async () => {
  const turns = new Turns()
  const order: string[] = []
  const first = await turns.take('a', never)
  const second = turns.take('a', never).then((end) => {
    order.push('second')
    end()
  })
  ;(await turns.take('b', never))()
  order.push('other')
  first()
  await second
  expect(order).toEqual(['other', 'second'])
  ;(await turns.take('a', never))()
})

test('one that is aborted while it waits lets nobody pass before the first has ended', async () => {
  const turns = new Turns()
  const abort = new AbortController()
  const first = await turns.take('a', never)
  const given = turns.take('a', abort.signal)
  let third = false
  const last = turns.take('a', never).then((end) => {
    third = true
    end()
  })
  abort.abort()
  await expect(given).rejects.toThrow('aborted')
  await new Promise((resolve) => setImmediate(resolve))
  expect(third).toBe(false)
  first()
  await last
  expect(third).toBe(true)
})

test('a signal that is aborted already gets no turn, and blocks none', async () => {
  const turns = new Turns()
  const first = await turns.take('a', never)
  await expect(turns.take('a', AbortSignal.abort())).rejects.toThrow()
  first()
  ;(await turns.take('a', never))()
})
