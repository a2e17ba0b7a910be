import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { errored, failed, interrupted, succeeded } from '../outcome.ts'
import type { Step, StepOutcome } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { ensure } from './hooks.ts'
import { inParallel } from './in-parallel.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'
import { tryStep } from './try.ts'

/** Steps side by side that take their time, under timeouts, with hooks and attempts, while the build is aborted at any time. */
type Tree =
  | { readonly kind: 'leaf'; readonly ms: number; readonly end: 'succeeds' | 'fails' | 'errors' }
  | { readonly kind: 'parallel'; readonly limit: number; readonly failFast: boolean; readonly steps: readonly Tree[] }
  | { readonly kind: 'timeout'; readonly ms: number; readonly step: Tree }
  | { readonly kind: 'try'; readonly step: Tree }
  | { readonly kind: 'attempts'; readonly steps: readonly Tree[] }
  | { readonly kind: 'ensure'; readonly step: Tree; readonly ms: number }

const few = { minLength: 1, maxLength: 5 }
const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('leaf' as const), ms: fc.integer({ min: 0, max: 50 }), end: fc.constantFrom('succeeds' as const, 'succeeds' as const, 'fails' as const, 'errors' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('parallel' as const), limit: fc.integer({ min: 0, max: 3 }), failFast: fc.boolean(), steps: fc.array(tie('tree'), few) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('timeout' as const), ms: fc.integer({ min: 1, max: 60 }), step: tie('tree') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('try' as const), step: tie('tree') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('attempts' as const), steps: fc.array(tie('tree'), { minLength: 1, maxLength: 2 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('ensure' as const), step: tie('tree'), ms: fc.integer({ min: 0, max: 50 }) }) },
  ),
})).tree

class Run {
  readonly clock: FakeClock = fakeClock()
  readonly build = new AbortController()
  /** Leaves that run now; hooks among them. */
  running = 0
  /** Begun although the build was aborted, and no hook. */
  readonly late: string[] = []
  readonly ensured = { owed: 0, paid: 0 }

  make(node: Tree): Step {
    switch (node.kind) {
      case 'leaf':
        return this.leaf(node.ms, { succeeds: succeeded, fails: failed, errors: errored('e') }[node.end])
      case 'parallel':
        return this.counted(node)
      case 'timeout':
        return timeout(this.make(node.step), node.ms, this.clock)
      case 'try':
        return tryStep(this.make(node.step))
      case 'attempts':
        return retry(node.steps.map((step) => this.make(step)))
      case 'ensure': {
        const step = this.make(node.step)
        const begun: Step = { run: (state, signal) => ((this.ensured.owed += 1), step.run(state, signal)) }
        const hook: Step = { run: async (state, signal) => ((this.ensured.paid += 1), this.leaf(node.ms, succeeded, true).run(state, signal)) }
        return ensure(begun, hook)
      }
    }
  }

  private leaf(ms: number, end: StepOutcome, hook = false): Step {
    return {
      run: async (_state, signal) => {
        if (signal.aborted) return interrupted(signal)
        if (this.build.signal.aborted && !hook) this.late.push(`after ${ms} ms`)
        this.running += 1
        try {
          await this.clock.sleep(ms, signal)
          return end
        } catch {
          return interrupted(signal)
        } finally {
          this.running -= 1
        }
      },
    }
  }

  private counted({ limit, failFast, steps }: Extract<Tree, { kind: 'parallel' }>): Step {
    let [now, most] = [0, 0]
    const children = steps.map((child): Step => {
      const step = this.make(child)
      return {
        run: async (state, signal) => {
          most = Math.max(most, (now += 1))
          try {
            return await step.run(state, signal)
          } finally {
            now -= 1
          }
        },
      }
    })
    return {
      run: async (state, signal) => {
        const outcome = await inParallel(children, { limit, failFast }).run(state, signal)
        expect(now, 'a child outlived in_parallel').toBe(0)
        expect(most).toBeLessThanOrEqual(limit === 0 ? steps.length : limit)
        return outcome
      },
    }
  }
}

test('steps at once, aborted at any time, end before what is around them, within the limit, each ensure once', async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.option(fc.integer({ min: 0, max: 120 })), async (root, abortAt) => {
      const run = new Run()
      let outcome: StepOutcome | undefined
      const ended = run.make(root).run(createRunState(), run.build.signal).then((end) => (outcome = end))
      for (let ms = 0; outcome === undefined; ms += 1) {
        if (ms === abortAt) run.build.abort('abort')
        await new Promise((resolve) => setImmediate(resolve))
        if (outcome === undefined) await run.clock.advance(1)
      }
      const { kind } = await ended
      expect(run.running).toBe(0)
      expect(run.clock.sleeping).toBe(0)
      expect(run.late).toEqual([])
      expect(run.ensured.paid).toBe(run.ensured.owed)
      if (!run.build.signal.aborted) expect(kind).not.toBe('aborted')
    }),
    { numRuns: 500 },
  )
})
