import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aborted, errored, failed, succeeded } from '../outcome.ts'
import type { Step, StepOutcome } from '../ports.ts'
import { createRunState } from '../run-state.ts'
import { doStep } from './do.ts'
import { ensure, onAbort, onError, onFailure, onSuccess } from './hooks.ts'
import { inParallel } from './in-parallel.ts'
import { retry } from './retry.ts'
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
