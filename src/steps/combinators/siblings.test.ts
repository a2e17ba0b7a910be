import { describe, expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { errored, failed, interrupted, succeeded } from '../outcome.ts'
import type { Step } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { ensure, onAbort, onError, onFailure, onSuccess } from './hooks.ts'
import { inParallel } from './in-parallel.ts'
import { timeout } from './timeout.ts'
import { tryStep } from './try.ts'

type End = 'succeeds' | 'fails' | 'errors' | 'aborts' | 'times out'
const limitMs = 1000

/** Runs a step that ends so in parallel with a sibling, which has every hook and runs until it is interrupted or the first has ended. */
async function beside(end: End, failFast: boolean, around: (sibling: Step) => Step = (sibling) => sibling): Promise<readonly [outcome: string, ...hooks: string[]]> {
  const clock = fakeClock()
  const build = new AbortController()
  const hooks: string[] = []
  const hook = (name: string): Step => ({ run: (_state, signal) => (hooks.push(signal.aborted ? `${name}, interrupted` : name), Promise.resolve(succeeded)) })
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const sibling: Step = {
    run: (_state, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(interrupted(signal)), { once: true })
        void over.promise.then(() => resolve(succeeded))
        begun.resolve()
      }),
  }
  const hooked = ensure(onError(onAbort(onFailure(onSuccess(sibling, hook('on_success')), hook('on_failure')), hook('on_abort')), hook('on_error')), hook('ensure'))
  const first: Step = {
    async run(_state, signal) {
      await begun.promise
      if (end === 'aborts') build.abort('abort')
      if (end === 'times out') await clock.sleep(2 * limitMs, signal).catch(() => undefined)
      // An interruption reaches the sibling first.
      setImmediate(over.resolve)
      return signal.aborted ? interrupted(signal) : end === 'fails' ? failed : end === 'errors' ? errored('first') : succeeded
    },
  }
  const run = inParallel([end === 'times out' ? timeout(first, limitMs, clock) : first, around(hooked)], { failFast }).run(createRunState(), build.signal)
  await begun.promise
  if (end === 'times out') await clock.advance(limitMs)
  return [(await run).kind, ...hooks]
}

// In Concourse, too, a step that fail_fast interrupts is aborted and runs on_abort and ensure, and the build has failed.
describe('steps side by side', () => {
  test.each<[End, string, ...string[]]>([
    ['succeeds', 'succeeded', 'on_success', 'ensure'],
    ['fails', 'failed', 'on_success', 'ensure'],
    ['errors', 'errored', 'on_success', 'ensure'],
    ['aborts', 'aborted', 'on_abort', 'ensure'],
    ['times out', 'failed', 'on_success', 'ensure'],
  ])('one %s: %s, and the other goes on', async (end, ...expected) => {
    expect(await beside(end, false)).toEqual(expected)
  })

  test.each<[End, string, ...string[]]>([
    ['succeeds', 'succeeded', 'on_success', 'ensure'],
    ['fails', 'failed', 'on_abort', 'ensure'],
    ['errors', 'errored', 'on_abort', 'ensure'],
    ['aborts', 'aborted', 'on_abort', 'ensure'],
    ['times out', 'failed', 'on_abort', 'ensure'],
  ])('one %s with fail_fast: %s, and the other is interrupted', async (end, ...expected) => {
    expect(await beside(end, true)).toEqual(expected)
    // The same in other combinators.
    expect(await beside(end, true, tryStep)).toEqual(expected)
    expect(await beside(end, true, (step) => inParallel([step], { failFast: true }))).toEqual(expected)
  })
})
