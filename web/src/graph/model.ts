/** What the graph needs of a job; an answer of the API's list of jobs is one. */
export interface GraphJob {
  readonly name: string
  readonly inputs?: readonly GraphInput[]
  readonly outputs?: readonly { readonly resource: string }[]
}

export interface GraphInput {
  readonly resource: string
  readonly trigger: boolean
  readonly passed?: readonly string[]
}

/** Between nodes that are numbered from 0 on. */
export interface Edge {
  readonly from: number
  readonly to: number
}

export interface JobEdge extends Edge {
  /** A version that passed `from` can start `to`. */
  readonly trigger: boolean
}

/** One edge for each pair of jobs between which a version passes. A `passed` that names a job outside of `jobs` (of another group) and a job that waits for itself are left out. */
export function jobEdges(jobs: readonly GraphJob[]): JobEdge[] {
  const numbers = new Map(jobs.map(({ name }, number) => [name, number]))
  const edges = new Map<number, JobEdge>()
  for (const [to, { inputs = [] }] of jobs.entries()) {
    for (const { passed = [], trigger } of inputs) {
      for (const name of passed) {
        const from = numbers.get(name)
        if (from === undefined || from === to) continue
        const key = from * jobs.length + to
        edges.set(key, { from, to, trigger: trigger || edges.get(key)?.trigger === true })
      }
    }
  }
  return [...edges.values()]
}

export interface Neighbours {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Of each node, in the order of the edges. */
export function neighbours(count: number, edges: readonly Edge[]): Neighbours[] {
  const all = Array.from({ length: count }, () => ({ before: [] as number[], after: [] as number[] }))
  for (const { from, to } of edges) {
    all[from]?.after.push(to)
    all[to]?.before.push(from)
  }
  return all
}

/** Nodes that are reached from `start` along `direction`, without `start` itself unless it is on a circle. */
export function reached(all: readonly Neighbours[], start: number, direction: keyof Neighbours): Set<number> {
  const found = new Set<number>()
  const open = [start]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of all[node]?.[direction] ?? []) {
      if (found.has(next)) continue
      found.add(next)
      open.push(next)
    }
  }
  return found
}
