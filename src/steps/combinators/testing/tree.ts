import { fakeClock } from '../../../lib/clock.ts'
import type { Plan, PlanNode } from '../../../model/plan.ts'
import { ok } from '../../../model/result.ts'
import { aborted, errored, failed, interrupted, succeeded } from '../../outcome.ts'
import type { Step, StepOutcome, StepPorts } from '../../ports.ts'
import { createRunState } from '../../run-state.ts'
import { acrossStep } from '../across.ts'
import { doStep } from '../do.ts'
import { ensure, onAbort, onError, onFailure, onSuccess } from '../hooks.ts'
import { inParallel } from '../in-parallel.ts'
import { retry } from '../retry.ts'
import { timeout } from '../timeout.ts'
import { tryStep } from '../try.ts'

/** `aborts`: the build is aborted while it runs. `times out`: it runs until the innermost timeout around it is over, or its own where none is. */
export type Leaf = 'succeeds' | 'fails' | 'errors' | 'aborts' | 'times out'
export type Lists = 'do' | 'in_parallel' | 'in_parallel fail_fast' | 'across' | 'across fail_fast' | 'attempts'
export type Hooks = 'on_success' | 'on_failure' | 'on_error' | 'on_abort' | 'ensure'

/** Steps in combinators. Children of in_parallel and across take turns: each has a limit of one. */
export type Tree =
  | { readonly leaf: Leaf }
  | { readonly node: Lists; readonly steps: readonly Tree[] }
  | { readonly node: 'try' | 'timeout'; readonly step: Tree }
  | { readonly node: Hooks; readonly step: Tree; readonly hook: Tree }

/** The leaves that ran, in order, by their paths, and how the tree ended. */
export interface Trace {
  readonly ran: readonly string[]
  readonly outcome: StepOutcome['kind']
}

/** Of the outermost timeout; each that stands in another one has a hundredth of its time. */
const limitMs = 1e6
/** Of a leaf that no timeout around it reaches, as in a hook that runs although the build is aborted. */
const ownLimitMs = 1e9

const hooks = { on_success: onSuccess, on_failure: onFailure, on_error: onError, on_abort: onAbort, ensure }

/** Runs our combinators. */
export async function runTree(root: Tree): Promise<Trace> {
  const clock = fakeClock()
  const build = new AbortController()
  const ran: string[] = []
  const leaf = (kind: Exclude<Leaf, 'times out'>, path: string): Step => ({
    async run(_state, signal) {
      if (signal.aborted) return interrupted(signal)
      ran.push(path)
      await Promise.resolve()
      if (kind === 'aborts') build.abort('abort')
      if (signal.aborted) return interrupted(signal)
      return kind === 'fails' ? failed : kind === 'errors' ? errored(path) : succeeded
    },
  })
  const hanging = (path: string): Step => ({
    run: (_state, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(interrupted(signal))
        ran.push(path)
        signal.addEventListener('abort', () => resolve(interrupted(signal)), { once: true })
      }),
  })
  const make = (tree: Tree, path: string, limit: number): Step => {
    if ('leaf' in tree) {
      return tree.leaf === 'times out' ? timeout(hanging(path), ownLimitMs, clock) : leaf(tree.leaf, path)
    }
    switch (tree.node) {
      case 'do':
      case 'attempts':
      case 'in_parallel':
      case 'in_parallel fail_fast':
      case 'across':
      case 'across fail_fast':
        return list(tree.node, tree.steps.map((step, index) => make(step, `${path}.${index}`, limit)))
      case 'try':
        return tryStep(make(tree.step, `${path}.s`, limit))
      case 'timeout':
        return timeout(make(tree.step, `${path}.s`, limit / 100), limit, clock)
      case 'on_success':
      case 'on_failure':
      case 'on_error':
      case 'on_abort':
      case 'ensure':
        return hooks[tree.node](make(tree.step, `${path}.s`, limit), make(tree.hook, `${path}.h`, limit))
    }
  }
  let outcome: StepOutcome | undefined
  const run = make(root, 'r', limitMs).run(createRunState(), build.signal).then((ended) => (outcome = ended))
  await passTime(clock, () => outcome !== undefined)
  if (clock.sleeping > 0) throw new Error('a timeout still sleeps')
  return { ran, outcome: (await run).kind }
}

/** Only timeouts make a tree wait: moves time to the next one until it has ended. */
async function passTime(clock: ReturnType<typeof fakeClock>, ended: () => boolean): Promise<void> {
  for (let limit = 1; !ended(); limit = limit >= ownLimitMs ? 1 : limit * 10) {
    await new Promise((resolve) => setImmediate(resolve))
    if (!ended()) await clock.advance(limit)
  }
}

function list(node: Lists, steps: readonly Step[]): Step {
  switch (node) {
    case 'do':
      return doStep(steps)
    case 'attempts':
      return retry(steps)
    case 'in_parallel':
      return inParallel(steps, { limit: 1 })
    case 'in_parallel fail_fast':
      return inParallel(steps, { limit: 1, failFast: true })
    case 'across':
      return across(steps, false)
    case 'across fail_fast':
      return across(steps, true)
  }
}

const ports = { time: () => 0, emit: () => undefined, note: () => undefined } as unknown as StepPorts

/** One var, whose values are the steps' numbers. */
function across(steps: readonly Step[], failFast: boolean): Step {
  const node: PlanNode<'across'> = { id: '1', kind: 'across', across: { vars: [{ name: 'v' }], substep_template: { id: '0', kind: 'do', do: [] }, fail_fast: failFast } }
  const children = steps.map((_, index) => ({ plan: { id: String(index), kind: 'do', do: [] } satisfies Plan, values: [index] }))
  const step = ({ id }: Plan): Step => steps[Number(id)] ?? { run: () => Promise.resolve(aborted) }
  return acrossStep(node, { ports, step, plans: () => Promise.resolve(ok({ children, counts: [steps.length] })) })
}
