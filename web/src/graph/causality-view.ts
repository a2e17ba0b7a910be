import { causalNodes, type Causality, type CausalNode, type CausalVersion } from './causality.ts'
import type { Shape } from './protocol.ts'

export interface CausalityShape {
  readonly shape: Shape
  readonly nodes: ReadonlyMap<string, CausalNode>
}

/** Builds and versions in columns, what came first at the left. */
export function causalityView(causality: Causality, root: CausalVersion, direction: 'upstream' | 'downstream', opened: ReadonlySet<string>): CausalityShape {
  const { nodes, edges } = causalNodes(causality, root, opened)
  const shape: Shape = {
    view: 'nodes',
    nodes: nodes.map((node) => ({ key: node.key, kind: node.kind === 'build' || node.kind === 'builds' ? 'job' : 'resource', name: nameOf(node) })),
    edges: edges.map(({ from, to }) => ({ ...(direction === 'downstream' ? { from, to } : { from: to, to: from }), dotted: false })),
  }
  return { shape, nodes: new Map(nodes.map((node) => [node.key, node])) }
}

function nameOf(node: CausalNode): string {
  switch (node.kind) {
    case 'build': return `${node.job} #${node.build.name}`
    case 'version': return `${node.resource} ${Object.values(node.version.version).join(' ')}`
    case 'builds': case 'versions': return `${node.of} × ${node.count}`
  }
}
