import { acyclic } from './acyclic.ts'
import { rank } from './layout/rank.ts'
import type { Edge, GraphJob } from './model.ts'
import { jobKey } from './picture.ts'

export interface Drawn {
  readonly key: string
  readonly kind: 'job' | 'resource'
  readonly name: string
}

export interface DrawnEdge extends Edge {
  /** What comes along it starts no build. */
  readonly dotted: boolean
}

/** Jobs and boxes of resources: a resource has one for each set of `passed` that inputs want of it, one for each column of jobs that get it without `passed`, and one behind each job that puts it, if no job gets that with `passed`. */
export function drawnResources(jobs: readonly GraphJob[]): { readonly nodes: readonly Drawn[]; readonly edges: readonly DrawnEdge[] } {
  const nodes: Drawn[] = jobs.map(({ name }) => ({ key: jobKey(name), kind: 'job', name }))
  const numbers = new Map(nodes.map(({ key }, number) => [key, number]))
  const edges = new Map<string, DrawnEdge>()
  const resource = (name: string, ...of: readonly (string | number)[]): number => {
    const key = `resource:${JSON.stringify([name, ...of])}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, nodes.length)
    return nodes.push({ key, kind: 'resource', name }) - 1
  }
  const connect = (from: number, to: number, dotted: boolean): void => {
    const key = `${from}>${to}`
    edges.set(key, { from, to, dotted: dotted && edges.get(key)?.dotted !== false })
  }
  const vouched = new Set<string>()
  const unconstrained: { readonly resource: string; readonly to: number; readonly trigger: boolean }[] = []
  for (const [to, { inputs = [], name }] of jobs.entries()) {
    for (const { resource: of, trigger, passed = [] } of inputs) {
      const there = passed.filter((job) => job !== name && numbers.has(jobKey(job))).toSorted()
      if (there.length === 0) unconstrained.push({ resource: of, to, trigger })
      else connect(resource(of, ...there), to, !trigger)
      for (const job of there) {
        connect(numbers.get(jobKey(job))!, resource(of, ...there), false)
        vouched.add(JSON.stringify([of, job]))
      }
    }
  }
  for (const [from, { outputs = [], name }] of jobs.entries()) {
    for (const { resource: of } of outputs) {
      if (!vouched.has(JSON.stringify([of, name]))) connect(from, resource(of, name), false)
    }
  }
  // One box for all columns would have lines through the whole picture.
  const { forward, order } = acyclic(nodes.length, [...edges.values()])
  const columns = rank(order, forward)
  for (const { resource: of, to, trigger } of unconstrained) connect(resource(of, columns[to]!), to, !trigger)
  return { nodes, edges: [...edges.values()] }
}
