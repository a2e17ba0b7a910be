import type { Step } from '../../../src/client/web-shapes.ts'
import { forgiven } from './forgiven.ts'
import { shortWait } from './waits.ts'

/** A step as it is listed: what only wraps others is shown in them. */
export interface Row {
  readonly step: Step
  /** From 1, as ARIA counts. */
  readonly level: number
  /** The word before its name: `task`, `on_failure put`, `image`. */
  readonly kind: string
  readonly name: string
  /** What is said of it beside its name. */
  readonly note: string
}

/** Wrappers that get no row: their steps stand in their place, the hook under the step. */
const transparent: ReadonlySet<string> = new Set(['do', 'try', 'timeout', 'on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'])

/** The rows of a build's steps, in the order in which they may run. `over`: the build has ended. */
export function rowsOf(steps: readonly Step[], over: boolean): Row[] {
  const children = new Map<string | undefined, Step[]>()
  const known = new Set(steps.map(({ id }) => id))
  for (const step of steps) {
    const parent = step.parent !== undefined && known.has(step.parent) ? step.parent : undefined
    children.set(parent, [...(children.get(parent) ?? []), step])
  }
  const rows: Row[] = []
  const seen = new Set<string>()
  const visit = (step: Step, level: number, prefix: string): void => {
    if (seen.has(step.id)) return
    seen.add(step.id)
    const inside = children.get(step.id) ?? []
    if (transparent.has(step.kind)) {
      for (const child of inside) {
        const hook = child.role === 'hook'
        visit(child, hook ? level + 1 : level, hook ? `${child.hook ?? step.kind} ` : prefix)
      }
      return
    }
    if (step.role === 'image' && !hasHappened(step)) return
    rows.push({ step, level, kind: step.role === 'image' ? `image ${step.kind}` : `${prefix}${step.kind}`, name: step.name ?? '', note: noteOf(step, inside, over) })
    for (const child of inside) visit(child, level + 1, '')
  }
  for (const step of children.get(undefined) ?? []) visit(step, 1, '')
  return rows
}

/** A fetched image's check and get are listed when there is something to say of them. */
const hasHappened = ({ state, t }: Step): boolean => (state !== 'pending' && state !== 'skipped') || Object.keys(t).length > 0

function noteOf(step: Step, inside: readonly Step[], over: boolean): string {
  const notes: string[] = []
  if (step.role === 'attempt' || step.attempt !== undefined) notes.push(`attempt ${step.attempt ?? 1}`)
  if (step.values !== undefined) notes.push(step.values.map(valueText).join(', '))
  if (inside.some(({ role }) => role !== 'image' && role !== 'hook')) {
    const parts = inside.filter(({ role }) => role !== 'image' && role !== 'hook')
    notes.push(`${parts.filter(({ state }) => state === 'succeeded').length} of ${parts.length}`)
  }
  if (step.exit !== undefined && step.exit !== 0) notes.push(`exit ${step.exit}`)
  else if (step.state === 'errored') notes.push('errored')
  if (step.cache === 'hit') notes.push('from cache')
  if (step.reusedFrom !== undefined) notes.push(`taken from #${step.reusedFrom}`)
  if (step.state === 'waiting') notes.push(shortWait(step.waits.at(-1)?.message ?? 'waits for its container', step.image))
  // A hook for another end, or an attempt after one that succeeded.
  if (step.state === 'skipped' || (step.state === 'pending' && over)) notes.push(step.role === 'hook' || step.role === 'attempt' ? 'not needed' : 'not reached')
  return notes.join(' · ')
}

const longest = 60
function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

/** The step that a page shows without being told which: the one that failed for good, else the one that runs, else the first with a log. */
export function stepToShow(rows: readonly Row[], steps: readonly Step[]): string | undefined {
  const leaves = rows.filter((row, at) => (rows[at + 1]?.level ?? 0) <= row.level || hasOwnLog(row.step.kind))
  const harmless = forgiven(steps)
  const first = (wanted: (step: Step) => boolean): string | undefined => leaves.find(({ step }) => wanted(step) && hasOwnLog(step.kind))?.step.id
  return (
    first(({ id, state, role }) => (state === 'failed' || state === 'errored') && role !== 'image' && !harmless.has(id)) ??
    first(({ id, state }) => (state === 'failed' || state === 'errored' || state === 'aborted') && !harmless.has(id)) ??
    first(({ state }) => state === 'running') ??
    first(({ state }) => state === 'waiting') ??
    rows.findLast(({ step }) => step.kind === 'task' && step.state === 'succeeded')?.step.id ??
    first(() => true)
  )
}

const ownLog: ReadonlySet<string> = new Set(['get', 'put', 'task', 'check', 'run', 'set_pipeline', 'load_var'])
export const hasOwnLog = (kind: string): boolean => ownLog.has(kind)

/** The shape and colour of a step's state. */
export function stateOfStep(state: Step['state']): Exclude<Step['state'], 'waiting' | 'skipped'> {
  return state === 'waiting' || state === 'skipped' ? 'pending' : state
}
