import { fail, ok, type Result } from '../../model/result.ts'
import { domainProblem } from './grammar.ts'
import { matchesHost } from './host-pattern.ts'
import { canonicalRegistry, dockerHub } from './reference.ts'

/** What a node's container runtime may be set up for, per registry. */
const trusts = ['insecure', 'ca', 'mirror', 'credentials'] as const
export type NodeTrust = (typeof trusts)[number]

/** One registry that every node can pull from, and how. */
export interface NodeRegistry {
  /** As people write it; labels may hold `*`. */
  readonly host: string
  readonly trusts: readonly NodeTrust[]
}

/** What a source sets for its registry that cannot be given to a node's pull. */
export interface NodeNeeds {
  readonly insecure: boolean
  readonly caCerts: boolean
  readonly mirror: boolean
}

/** How an image gets to a node: pulled by it, or fetched by a get step because the node could not. */
export type Way = { readonly kind: 'native' } | { readonly kind: 'physical'; readonly reason: string }

/** Reads `HOST` or `HOST=insecure,ca,mirror,credentials`. */
export function parseNodeRegistry(text: string): Result<NodeRegistry, string> {
  const [host = '', ...rest] = text.split('=')
  const given = rest.join('=')
  if (domainProblem(host.replaceAll('*', 'x')) !== undefined) return fail(`${JSON.stringify(host)} is not a registry's host`)
  const words = given === '' ? [] : given.split(',')
  const unknown = words.find((word) => !isTrust(word))
  if (unknown !== undefined) return fail(`${JSON.stringify(unknown)} is none of ${trusts.join(', ')}`)
  return ok({ host: canonicalRegistry(host), trusts: words.filter(isTrust) })
}

const isTrust = (word: string): word is NodeTrust => (trusts as readonly string[]).includes(word)

/** Whether nodes have credentials of their own for a registry: none are sent along, and one that lets only them in is theirs to ask. */
export const nodesHaveCredentials = (registry: string, nodes: readonly NodeRegistry[]): boolean =>
  nodesTrust(canonicalRegistry(registry), nodes).includes('credentials')

/** What nodes are set up for with one registry. */
export const nodesTrust = (host: string, nodes: readonly NodeRegistry[]): readonly NodeTrust[] =>
  nodes.filter((node) => matchesHost(node.host, host)).flatMap((node) => node.trusts)

/**
 * Which way an image goes. Without a list of what nodes are set up for, nothing is known against a pull, and the pull's own failure
 * says what is missing; with one, what needs more than the list says is not even tried.
 */
export function wayOf(registry: string, needs: NodeNeeds, nodes: readonly NodeRegistry[]): Way {
  const host = canonicalRegistry(registry)
  const known = nodesTrust(host, nodes)
  const wanted: readonly [NodeTrust, boolean, string][] = [
    ['insecure', needs.insecure, '`insecure`'],
    ['ca', needs.caCerts && !needs.insecure, '`ca_certs`'],
    ['mirror', needs.mirror, '`registry_mirror`'],
  ]
  const lacking = nodes.length === 0 ? undefined : wanted.find(([trust, needed]) => needed && !known.includes(trust))
  if (lacking === undefined) return { kind: 'native' }
  const [trust, , key] = lacking
  return {
    kind: 'physical',
    reason: `its source says ${key}, and nodes are not known to be set up for that with ${host === dockerHub ? 'Docker Hub' : host} (--node-registry ${host}=${trust} says that they are)`,
  }
}
