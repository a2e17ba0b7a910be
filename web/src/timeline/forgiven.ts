import type { Step } from '../../../src/client/web-shapes.ts'

/** The steps whose failure ended nothing: what is in a `try`, and attempts that another has followed. */
export function forgiven(steps: readonly Step[]): ReadonlySet<string> {
  const ids = new Set<string>()
  const holds = new Set<string>()
  const lastAttempt = new Map<string, Step>()
  for (const step of steps) if (step.role === 'attempt' && step.parent !== undefined && step.state !== 'pending' && step.state !== 'skipped') lastAttempt.set(step.parent, step)
  // Parents come before their children.
  for (const step of steps) {
    const { id, parent = '', role, kind } = step
    const last = lastAttempt.get(parent)
    if (holds.has(parent) || (role === 'attempt' && last !== undefined && last !== step)) ids.add(id)
    if (ids.has(id) || kind === 'try') holds.add(id)
  }
  return ids
}
