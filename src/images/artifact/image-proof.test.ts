import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { imageProof } from './image-proof.ts'

function world({ remembered = false } = {}) {
  const clock = fakeClock()
  const trials: { readonly signal: AbortSignal; readonly tell: (line: string) => void; end(result: Result<void, string>): void; fail(error: Error): void }[] = []
  const memory = { proved: remembered, has: () => Promise.resolve(memory.proved), put: () => Promise.resolve(void (memory.proved = true)) }
  const proof = imageProof({
    clock,
    memory,
    words: (cause) => `refused: ${cause}`,
    waiting: 'trying',
    prove: (signal, tell) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result<void, string>>()
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      trials.push({ signal, tell, end: resolve, fail: reject })
      return promise
    },
  })
  return { clock, trials, memory, proof }
}
const { signal } = new AbortController()
const silent = () => undefined

test('concurrent callers share one proof and are told what they wait for', async () => {
  const { proof, trials, clock, memory } = world()
  const early: string[] = []
  const late: string[] = []
  const first = proof.refusal(signal, (line) => early.push(line))
  await clock.advance(0)
  trials[0]?.tell('no node has room')
  const second = proof.refusal(signal, (line) => late.push(line))
  await clock.advance(0)
  trials[0]?.end(ok(undefined))
  expect(await Promise.all([first, second])).toEqual([undefined, undefined])
  expect({ early, late }).toEqual({ early: ['trying', 'trying: no node has room'], late: ['trying: no node has room'] })
  expect(await proof.refusal(signal, (line) => late.push(line))).toBeUndefined()
  expect({ trials: trials.length, late, proved: memory.proved }).toEqual({ trials: 1, late: ['trying: no node has room'], proved: true })
})

test('a failed proof counts for a minute and is then repeated', async () => {
  const { proof, trials, clock, memory } = world()
  const first = proof.refusal(signal, silent)
  await clock.advance(0)
  trials[0]?.end(fail('denied'))
  expect(await first).toBe('refused: denied')
  await clock.advance(59_999)
  expect(await proof.refusal(signal, silent)).toBe('refused: denied')
  await clock.advance(1)
  const again = proof.refusal(signal, silent)
  await clock.advance(0)
  trials[1]?.fail(new Error('broken'))
  expect(await again).toBe('refused: broken')
  expect({ trials: trials.length, proved: memory.proved }).toEqual({ trials: 2, proved: false })
})

test('the proof of an earlier server counts unless a new one is demanded', async () => {
  const { proof, trials, clock } = world({ remembered: true })
  const lines: string[] = []
  expect(await proof.refusal(signal, (line) => lines.push(line))).toBeUndefined()
  expect({ trials: trials.length, lines }).toEqual({ trials: 0, lines: [] })
  const insisted = proof.prove(silent)
  await clock.advance(0)
  trials[0]?.end(fail('no more'))
  expect(await insisted).toBe('refused: no more')
  expect(await proof.refusal(signal, silent)).toBe('refused: no more')
})

test('an abort ends the wait of its caller; closing ends the proof', async () => {
  const { proof, trials, clock } = world()
  const aborted = new AbortController()
  const one = proof.refusal(aborted.signal, silent)
  const other = proof.refusal(signal, silent)
  await clock.advance(0)
  aborted.abort(new Error('aborted'))
  await expect(one).rejects.toThrow('aborted')
  expect(trials[0]?.signal.aborted).toBe(false)
  const ended = expect(other).rejects.toThrow('the server stops')
  await proof.close()
  await ended
  expect(trials[0]?.signal.aborted).toBe(true)
})
