import { fail, ok, type Result } from '../model/result.ts'

interface Row {
  readonly id: number
  readonly name: string
  readonly active: boolean
}

interface Named {
  readonly name: string
  readonly old_name?: string
}

export interface Rename {
  readonly id: number
  readonly name: string
  /** Where the row of this name is inactive: it makes room. */
  readonly remove?: number
}

/**
 * The rows that `old_name` gives to something of a new name. A name that an active row has keeps its row, so that an `old_name` may stay in
 * the config; unless that row is renamed itself. A rename comes after that of the row whose name it takes. The error: names that would go round.
 */
export function renames(present: readonly Row[], wanted: readonly Named[]): Result<readonly Rename[], readonly string[]> {
  const rows = new Map(present.map((row) => [row.name, row]))
  // By the name that is taken over: of two that name the same one the first gets it.
  const heirs = new Map<string, Named>()
  for (const item of wanted) {
    if (item.old_name !== undefined && item.old_name !== item.name && rows.has(item.old_name) && !heirs.has(item.old_name)) heirs.set(item.old_name, item)
  }
  const circle = circleOf(heirs)
  if (circle !== undefined) return fail(circle)

  const decided = new Map<string, boolean>()
  const order: Rename[] = []
  /** Whether the row of this name is given to its heir, which is decided after that of the heir's own name. */
  const leaves = (name: string): boolean => {
    const chain: string[] = []
    for (let at: string | undefined = name; at !== undefined && heirs.has(at) && !decided.has(at); at = heirs.get(at)?.name) chain.push(at)
    for (const old of chain.toReversed()) {
      const heir = heirs.get(old) as Named
      const [row, own] = [rows.get(old) as Row, rows.get(heir.name)]
      const free = own === undefined || !own.active || decided.get(heir.name) === true
      decided.set(old, free)
      if (free) order.push({ id: row.id, name: heir.name, ...(own !== undefined && decided.get(heir.name) !== true && { remove: own.id }) })
    }
    return decided.get(name) ?? false
  }
  for (const name of heirs.keys()) leaves(name)
  return ok(order)
}

function circleOf(heirs: ReadonlyMap<string, Named>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of heirs.keys()) {
    const path: string[] = []
    for (let at: string | undefined = start; at !== undefined && heirs.has(at) && !done.has(at); at = heirs.get(at)?.name) {
      done.add(at)
      path.push(at)
    }
    const last = path.at(-1)
    const next = last === undefined ? undefined : heirs.get(last)?.name
    const from = next === undefined ? -1 : path.indexOf(next)
    if (from >= 0) return path.slice(from)
  }
  return undefined
}
