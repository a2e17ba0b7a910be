import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { aborted, errored, failed, succeeded } from '../outcome.ts'
import type { Step, StepOutcome } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { doStep } from './do.ts'
import { ensure, onAbort, onError, onFailure, onSuccess } from './hooks.ts'
import { inParallel } from './in-parallel.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'
import { tryStep } from './try.ts'

/**
 * Trees of steps against a model of Concourse's semantics. Steps take turns one at a time (in_parallel here has a limit of
 * one), so the model is a plain recursion; the build's abort comes while the n-th leaf runs.
 */
type Kind = 'ok' | 'fail' | 'error'
type Tree =
  | { readonly leaf: Kind }
  | { readonly node: 'do' | 'parallel' | 'fail-fast' | 'retry'; readonly steps: readonly Tree[] }
  | { readonly node: 'try'; readonly step: Tree }
  | { readonly node: 'success' | 'failure' | 'error' | 'abort' | 'ensure'; readonly step: Tree; readonly hook: Tree }

const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: fc.record({ leaf: fc.constantFrom<Kind>('ok', 'fail', 'error') }) },
    { weight: 2, arbitrary: fc.record({ node: fc.constantFrom('do' as const, 'parallel' as const, 'fail-fast' as const, 'retry' as const), steps: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ node: fc.constant('try' as const), step: tie('tree') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        node: fc.constantFrom('success' as const, 'failure' as const, 'error' as const, 'abort' as const, 'ensure' as const), step: tie('tree'), hook: tie('tree'),
      }),
    },
  ),
})).tree

/** The leaves that ran, in order, and how the tree ended. `+`: ran although aborted (a hook). */
interface Trace {
  readonly ran: readonly string[]
  readonly outcome: StepOutcome['kind']
}

const word = { ok: 'succeeded', fail: 'failed', error: 'errored' } as const

class Model {
  readonly ran: string[] = []
  private aborted = false
  private readonly abortAt: number

  constructor(abortAt: number) {
    this.abortAt = abortAt
  }

  /** `shield`: a hook that runs although the build is aborted. `stopped`: a sibling failed with fail_fast. */
  run(node: Tree, path: string, scope: { shield: boolean; stopped: () => boolean }): StepOutcome['kind'] {
    const dead = () => scope.stopped() || (this.aborted && !scope.shield)
    const unshielded = { shield: true, stopped: () => false }
    const hookScope = () => (dead() ? unshielded : scope)
    if ('leaf' in node) {
      if (dead()) return 'aborted'
      this.ran.push(path)
      if (this.ran.length === this.abortAt) {
        this.aborted = true
        if (!scope.shield) return 'aborted'
      }
      return word[node.leaf]
    }
    switch (node.node) {
      case 'do': {
        for (const [index, step] of node.steps.entries()) {
          if (dead()) return 'aborted'
          const end = this.run(step, `${path}.${index}`, scope)
          if (end !== 'succeeded') return end
        }
        return 'succeeded'
      }
      case 'parallel':
      case 'fail-fast': {
        let failures = false
        let stop = false
        const ends = node.steps.map((step, index) => {
          if (dead() || stop) return 'aborted'
          const end = this.run(step, `${path}.${index}`, { shield: scope.shield, stopped: () => stop || scope.stopped() })
          if (end !== 'succeeded') failures = true
          if (end !== 'succeeded' && node.node === 'fail-fast') stop = true
          return end
        })
        if (dead() && !stop && ends.includes('aborted')) return 'aborted'
        if (ends.includes('errored')) return 'errored'
        return failures || ends.includes('aborted') ? 'failed' : 'succeeded'
      }
      case 'retry': {
        let end: StepOutcome['kind'] = 'succeeded'
        for (const [index, step] of node.steps.entries()) {
          if (index > 0 && dead()) return 'aborted'
          end = this.run(step, `${path}.${index}`, scope)
          if (end === 'succeeded' || end === 'aborted') return end
        }
        return end
      }
      case 'try': {
        const end = this.run(node.step, `${path}.t`, scope)
        return end === 'aborted' ? end : 'succeeded'
      }
      case 'success': {
        const end = this.run(node.step, `${path}.s`, scope)
        if (end !== 'succeeded') return end
        return dead() ? 'aborted' : this.run(node.hook, `${path}.h`, scope)
      }
      case 'failure': {
        const end = this.run(node.step, `${path}.s`, scope)
        if (end !== 'failed') return end
        const hook = this.run(node.hook, `${path}.h`, hookScope())
        return hook === 'errored' || hook === 'aborted' ? hook : end
      }
      case 'error': {
        const end = this.run(node.step, `${path}.s`, scope)
        if (end === 'errored') this.run(node.hook, `${path}.h`, hookScope())
        return end
      }
      case 'abort': {
        const end = this.run(node.step, `${path}.s`, scope)
        if (end === 'aborted') this.run(node.hook, `${path}.h`, unshielded)
        return end
      }
      case 'ensure': {
        const end = this.run(node.step, `${path}.s`, scope)
        const hook = this.run(node.hook, `${path}.h`, hookScope())
        if (end === 'aborted' || end === 'errored') return end
        if (hook === 'errored' || hook === 'aborted') return hook
        return end === 'succeeded' ? hook : end
      }
    }
  }
}

async function real(root: Tree, abortAt: number): Promise<Trace> {
  const ran: string[] = []
  const build = new AbortController()
  const leafOf = (kind: Kind, path: string): Step => ({
    run: async (_state, signal) => {
      if (signal.aborted) return aborted
      ran.push(path)
      await Promise.resolve()
      if (ran.length === abortAt) build.abort('abort')
      if (signal.aborted) return aborted
      return kind === 'ok' ? succeeded : kind === 'fail' ? failed : errored(path)
    },
  })
  const make = (node: Tree, path: string): Step => {
    if ('leaf' in node) return leafOf(node.leaf, path)
    const steps = () => ('steps' in node ? node.steps.map((step, index) => make(step, `${path}.${index}`)) : [])
    switch (node.node) {
      case 'do':
        return doStep(steps())
      case 'parallel':
        return inParallel(steps(), { limit: 1 })
      case 'fail-fast':
        return inParallel(steps(), { limit: 1, failFast: true })
      case 'retry':
        return retry(steps())
      case 'try':
        return tryStep(make(node.step, `${path}.t`))
      case 'success':
        return onSuccess(make(node.step, `${path}.s`), make(node.hook, `${path}.h`))
      case 'failure':
        return onFailure(make(node.step, `${path}.s`), make(node.hook, `${path}.h`))
      case 'error':
        return onError(make(node.step, `${path}.s`), make(node.hook, `${path}.h`))
      case 'abort':
        return onAbort(make(node.step, `${path}.s`), make(node.hook, `${path}.h`))
      case 'ensure':
        return ensure(make(node.step, `${path}.s`), make(node.hook, `${path}.h`))
    }
  }
  const outcome = await make(root, 'r').run(createRunState(), build.signal)
  return { ran, outcome: outcome.kind }
}

test('any tree of steps runs the leaves that Concourse would run, and ends as it would', async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.nat(12), async (root, abortAt) => {
      const model = new Model(abortAt)
      const outcome = model.run(root, 'r', { shield: false, stopped: () => false })
      expect(await real(root, abortAt)).toEqual({ ran: model.ran, outcome })
    }),
    { numRuns: 3000 },
  )
})

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
