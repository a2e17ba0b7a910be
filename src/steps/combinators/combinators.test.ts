import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { aborted, errored, failed, succeeded } from '../outcome.ts'
import type { Step, StepOutcome } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { doStep } from './do.ts'
import { ensure, onAbort, onError, onSuccess } from './hooks.ts'
import { inParallel } from './in-parallel.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'
import { tryStep } from './try.ts'

const step = (outcome: StepOutcome, ran: string[] = [], name = ''): Step => ({
  run: (_state, signal) => {
    ran.push(`${name}${signal.aborted ? '!' : ''}`)
    return Promise.resolve(outcome)
  },
})
/** Ends only by its signal. */
const hanging = (begun: () => void = () => undefined): Step => ({
  run: (_state, signal) =>
    new Promise((resolve) => {
      begun()
      const end = () => resolve(signal.reason === 'timeout' ? failed : aborted)
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { once: true })
    }),
})
const state = createRunState()
const never = new AbortController().signal

test('errors of a step and of its hook are both told', async () => {
  const expected = errored('step\nhook')
  expect(await ensure(step(errored('step')), step(errored('hook'))).run(state, never)).toEqual(expected)
  expect(await onError(step(errored('step')), step(errored('hook'))).run(state, never)).toEqual(expected)
  expect(await ensure(step(failed), step(errored('hook'))).run(state, never)).toEqual(errored('hook'))
  expect(await onError(step(errored('step')), step(failed)).run(state, never)).toEqual(errored('step'))
})

test('in_parallel joins its errors and never runs more than its limit', async () => {
  let running = 0
  let most = 0
  const counted: Step = {
    run: async () => {
      most = Math.max(most, (running += 1))
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return errored(`e${most}`)
    },
  }
  const outcome = await inParallel(Array.from({ length: 7 }, () => counted), { limit: 3 }).run(state, never)
  expect(most).toBe(3)
  expect(outcome.kind === 'errored' && outcome.message.split('\n')).toHaveLength(7)
})

test('fail_fast interrupts the others and keeps the queue from starting', async () => {
  const ran: string[] = []
  const outcome = await inParallel([hanging(), step(failed, ran, 'fails'), step(succeeded, ran, 'queued')], { limit: 2, failFast: true }).run(state, never)
  expect(outcome).toEqual(failed)
  expect(ran).toEqual(['fails'])
})

test('a step that throws ends in_parallel only when the other lanes have ended', async () => {
  const slow = Promise.withResolvers<void>()
  const lanes: Step[] = [{ run: () => Promise.reject(new Error('lease lost')) }, { run: () => slow.promise.then(() => succeeded) }]
  let ended = false
  const run = inParallel(lanes).run(state, never).finally(() => (ended = true))
  const rejected = expect(run).rejects.toThrow('lease lost')
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(false)
  slow.resolve()
  await rejected
})

test('a timeout fails the step, even one that hangs in a try, and not one that was in time', async () => {
  const clock = fakeClock()
  const over = timeout(hanging(), 1000, clock).run(state, never)
  await clock.advance(999)
  await clock.advance(1)
  expect(await over).toEqual(failed)
  // As in Concourse: try swallows a timeout too.
  const swallowed = timeout(tryStep(hanging()), 1000, clock).run(state, never)
  await clock.advance(1000)
  expect(await swallowed).toEqual(succeeded)
  expect(await timeout(step(succeeded), 1000, clock).run(state, never)).toEqual(succeeded)
  expect(await timeout(step(errored('e')), 1000, clock).run(state, never)).toEqual(errored('e'))
  await clock.advance(0)
  expect(clock.sleeping).toBe(0)
})

test('a timeout counts from when the steps first began', async () => {
  const clock = fakeClock()
  const begun = clock.now() - 900
  const run = timeout(hanging(), 1000, clock, () => begun).run(state, never)
  await clock.advance(100)
  expect(await run).toEqual(failed)
  // Time ran out while no server was there: what had begun is asked how it ended, the next step is not begun.
  const ran: string[] = []
  const steps = doStep([{ ...step(succeeded, ran, 'first'), begun: true }, step(succeeded, ran, 'second')])
  expect(await timeout(steps, 1000, clock, () => 0).run(state, never)).toEqual(failed)
  expect(ran).toEqual(['first!'])
  const all = doStep([{ ...step(succeeded, ran, 'only'), begun: true }])
  expect(await timeout(all, 1000, clock, () => 0).run(state, never)).toEqual(succeeded)
})

test('an abort of the build inside of a timeout stays an abort, and a throwing step leaves no timer', async () => {
  const clock = fakeClock()
  const build = new AbortController()
  const run = timeout(hanging(), 1000, clock).run(state, build.signal)
  build.abort('abort')
  expect(await run).toEqual(aborted)
  await expect(timeout({ run: () => Promise.reject(new Error('x')) }, 1000, clock).run(state, never)).rejects.toThrow('x')
  expect(clock.sleeping).toBe(0)
})

test('hooks of an aborted step run with a signal that is not aborted', async () => {
  const build = new AbortController()
  const ran: string[] = []
  const run = ensure(onAbort(hanging(() => build.abort('abort')), step(succeeded, ran, 'abort')), step(succeeded, ran, 'ensure')).run(state, build.signal)
  expect(await run).toEqual(aborted)
  expect(ran).toEqual(['abort', 'ensure'])
})

test('after a restart an aborted build runs over what had begun, and begins nothing', async () => {
  const ran: string[] = []
  const gone = AbortSignal.abort('abort')
  const begun = (name: string, outcome: StepOutcome): Step => ({ ...step(outcome, ran, name), begun: true })
  expect(await doStep([begun('a', succeeded), begun('b', aborted), step(succeeded, ran, 'c')]).run(state, gone)).toEqual(aborted)
  expect(await doStep([begun('d', succeeded), step(succeeded, ran, 'e')]).run(state, gone)).toEqual(aborted)
  expect(await inParallel([begun('f', succeeded), step(succeeded, ran, 'g'), begun('h', succeeded)]).run(state, gone)).toEqual(aborted)
  expect(await retry([begun('i', failed), begun('j', aborted), step(succeeded, ran, 'k')]).run(state, gone)).toEqual(aborted)
  expect(await onSuccess(begun('l', succeeded), begun('m', succeeded)).run(state, gone)).toEqual(succeeded)
  expect(ran.map((name) => name.replace('!', ''))).toEqual(['a', 'b', 'd', 'f', 'h', 'i', 'j', 'l', 'm'])
})
