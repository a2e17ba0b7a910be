import { causalNodes, type Causality, type CausalNode, type CausalVersion } from './causality.ts'
import { pictureOf } from './resources-view.ts'
import type { Picture } from './picture.ts'

export interface CausalityPicture {
  readonly picture: Picture
  readonly nodes: ReadonlyMap<string, CausalNode>
}

/** Builds and versions in columns, what came first at the left. */
export function causalityView(causality: Causality, root: CausalVersion, direction: 'upstream' | 'downstream', opened: ReadonlySet<string>): CausalityPicture {
  const { nodes, edges } = causalNodes(causality, root, opened)
  const picture = pictureOf(
    nodes.map((node) => ({ key: node.key, kind: node.kind === 'build' || node.kind === 'builds' ? 'job' : 'resource', name: nameOf(node) })),
    edges.map(({ from, to }) => ({ ...(direction === 'downstream' ? { from, to } : { from: to, to: from }), dotted: false })),
  )
  return { picture, nodes: new Map(nodes.map((node) => [node.key, node])) }
}

function nameOf(node: CausalNode): string {
  switch (node.kind) {
    case 'build': return `${node.job} #${node.build.name}`
    case 'version': return `${node.resource} ${Object.values(node.version.version).join(' ')}`
    case 'builds': case 'versions': return `${node.of} × ${node.count}`
  }
}
