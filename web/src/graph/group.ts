import { neighbours, type Edge } from './model.ts'

export interface ToGroup {
  /** They close no circle. */
  readonly forward: readonly Edge[]
  readonly back: readonly Edge[]
}

export interface Grouping {
  /** Of each group its nodes: those with the same predecessors and the same successors. Most have one. */
  readonly groups: readonly (readonly number[])[]
  /** Between groups, by their numbers. */
  readonly forward: readonly Edge[]
  readonly back: readonly Edge[]
  /** Nodes without an edge, in no group. */
  readonly alone: readonly number[]
}

/** Puts nodes that cannot be told apart by their edges into one group, so that one line stands for all of theirs. Forward edges between groups close no circle either. */
export function group(count: number, { forward, back }: ToGroup): Grouping {
  const byKey = new Map<string, number[]>()
  const alone: number[] = []
  const led = neighbours(count, back)
  for (const [node, { before, after }] of neighbours(count, forward).entries()) {
    const sets = [before, after, led[node]!.before, led[node]!.after]
    if (sets.every((set) => set.length === 0)) {
      alone.push(node)
      continue
    }
    const key = JSON.stringify(sets.map((set) => set.toSorted((a, b) => a - b)))
    byKey.set(key, [...(byKey.get(key) ?? []), node])
  }
  const groups = [...byKey.values()]
  const groupOf = new Map(groups.flatMap((nodes, number) => nodes.map((node) => [node, number])))
  const between = (edges: readonly Edge[]): Edge[] => {
    const found = edges.map(({ from, to }) => ({ from: groupOf.get(from)!, to: groupOf.get(to)! }))
    return [...new Map(found.map((edge) => [edge.from * groups.length + edge.to, edge])).values()]
  }
  return { groups, forward: between(forward), back: between(back), alone }
}
