import type { Step } from '../../../src/client/web-shapes.ts'
import { ordered } from './scale.ts'
import { hasOwnLog } from './tree.ts'

/** How much of making a step's container ready was done before the step's turn, and what ran meanwhile. */
export interface Ahead {
  /** All that it took so far, ms. */
  readonly ms: number
  /** Of that, before the step's turn. */
  readonly hiddenMs: number
  /** Steps that ran meanwhile, those that covered most of it first. */
  readonly behind: readonly Step[]
}

/**
 * `pulled`: until the image was on the node. `ready`: until the container had reported in. Undefined: it is not known when that was, or
 * when it began.
 */
export function aheadOf(step: Step, steps: readonly Step[], { until, now }: { readonly until: 'pulled' | 'ready'; readonly now: number }): Ahead | undefined {
  const { prepare, ready } = ordered(step.t, now)
  const end = until === 'ready' ? ready : step.t.pulled === undefined ? undefined : Math.min(step.t.pulled, ready ?? Infinity)
  if (prepare === undefined || end === undefined) return undefined
  const hiddenUntil = Math.max(prepare, Math.min(end, step.t.turn ?? end))
  const covered = steps
    .filter((other) => other.id !== step.id && other.parent !== step.id && other.role !== 'image' && hasOwnLog(other.kind))
    .map((other) => ({ other, ms: overlap(other, { from: prepare, to: hiddenUntil }, now) }))
    .filter(({ ms }) => ms > 0)
  return { ms: Math.max(0, end - prepare), hiddenMs: hiddenUntil - prepare, behind: covered.toSorted((a, b) => b.ms - a.ms).map(({ other }) => other) }
}

function overlap({ t, state }: Step, { from, to }: { readonly from: number; readonly to: number }, now: number): number {
  const { start, turn, end } = ordered(t, now)
  const began = start ?? turn
  const ended = end ?? (state === 'running' ? now : undefined)
  return began === undefined || ended === undefined ? 0 : Math.min(ended, to) - Math.max(began, from)
}
