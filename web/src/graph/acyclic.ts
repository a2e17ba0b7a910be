import { neighbours, type Edge } from './model.ts'

export interface Acyclic<E extends Edge> {
  /** They close no circle. */
  readonly forward: readonly E[]
  /** Each closes a circle with forward edges. */
  readonly back: readonly E[]
  /** All nodes, each behind those before it. */
  readonly order: readonly number[]
}

/** Takes out edges until no circle is left: those that lead back on a walk that begins at the nodes without a predecessor. */
export function acyclic<E extends Edge>(count: number, edges: readonly E[]): Acyclic<E> {
  const all = neighbours(count, edges)
  const state = new Uint8Array(count)
  const finished: number[] = []
  const isBack = new Set<number>()
  const walk = (start: number): void => {
    const path = [{ node: start, next: 0 }]
    state[start] = 1
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = all[top.node]?.after[top.next++]
      if (to === undefined) {
        state[top.node] = 2
        finished.push(top.node)
        path.pop()
      } else if (state[to] === 1) {
        isBack.add(top.node * count + to)
      } else if (state[to] === 0) {
        state[to] = 1
        path.push({ node: to, next: 0 })
      }
    }
  }
  const nodes = Array.from({ length: count }, (_none, node) => node)
  for (const node of nodes) if (all[node]?.before.length === 0) walk(node)
  for (const node of nodes) if (state[node] === 0) walk(node)
  const leadsBack = ({ from, to }: Edge): boolean => isBack.has(from * count + to)
  const forward = edges.filter((edge) => !leadsBack(edge))
  return { forward, back: edges.filter(leadsBack), order: firstComeFirst(count, forward) }
}

/** Kahn's order, the lower number first: what stands first in the config comes first. */
function firstComeFirst(count: number, edges: readonly Edge[]): number[] {
  const all = neighbours(count, edges)
  const missing = all.map(({ before }) => before.length)
  const order: number[] = []
  let ready = missing.flatMap((number, node) => (number === 0 ? [node] : []))
  while (ready.length > 0) {
    const next: number[] = []
    for (const node of ready) {
      order.push(node)
      for (const to of all[node]?.after ?? []) if (--missing[to]! === 0) next.push(to)
    }
    ready = next.toSorted((a, b) => a - b)
  }
  return order
}
