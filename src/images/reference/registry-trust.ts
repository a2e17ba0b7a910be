import { BlockList, isIPv4 } from 'node:net'
import { fail, ok, type Result } from '../../model/result.ts'
import { domainProblem } from './grammar.ts'
import { matchesHost } from './host-pattern.ts'
import { nodesTrust, type NodeRegistry } from './node-registries.ts'
import { canonicalRegistry } from './reference.ts'

/** How the operator has this server speak to a registry. */
export interface RegistryTrust {
  /** As people write it; labels may hold `*`. */
  readonly host: string
  /** TLS that is not verified, or none. */
  readonly insecure: boolean
  /** Certificates (PEM) trusted besides the system's. */
  readonly caCerts: readonly string[]
}

/** The operator's settings for one registry: how it is spoken to, and what a source may weaken without losing the operator's credentials. */
export interface HostTrust {
  readonly insecure: boolean
  readonly caCerts: readonly string[]
  readonly sourceMayBeInsecure: boolean
  readonly sourceMayNameAuthorities: boolean
}

export type OperatorTrust = (registry: string) => HostTrust

export const noTrust: OperatorTrust = () => ({ insecure: false, caCerts: [], sourceMayBeInsecure: false, sourceMayNameAuthorities: false })

/** Reads `HOST=insecure` or `HOST=ca:FILE`; the error is one clause. */
export function parseRegistryTrust(text: string): Result<{ readonly host: string; readonly how: 'insecure' | { readonly caFile: string } }, string> {
  const equals = text.indexOf('=')
  const [host, how] = equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
  if (domainProblem(host.replaceAll('*', 'x')) !== undefined) return fail(`${JSON.stringify(host)} is not a registry's host`)
  if (how === 'insecure') return ok({ host: canonicalRegistry(host), how })
  if (how.startsWith('ca:') && how.length > 3) return ok({ host: canonicalRegistry(host), how: { caFile: how.slice(3) } })
  return fail('write it as HOST=insecure or HOST=ca:FILE')
}

/**
 * Joins what the operator says of registries. What nodes are set up for counts as the operator's word for a source that says the same, no more:
 * this server is not made to trust what nodes trust. The same holds for what a container engine is set up for (`engineInsecure`).
 */
export function operatorTrust(trusts: readonly RegistryTrust[], nodes: readonly NodeRegistry[], engineInsecure: () => readonly string[] = () => []): OperatorTrust {
  return (registry) => {
    const host = canonicalRegistry(registry)
    const own = trusts.filter((trust) => matchesHost(trust.host, host))
    const insecure = own.some((trust) => trust.insecure)
    const ofNodes = nodesTrust(host, nodes)
    const sourceMayBeInsecure = insecure || ofNodes.includes('insecure') || engineInsecure().some((entry) => entry === host || inNetwork(host, entry))
    return {
      insecure,
      caCerts: own.flatMap((trust) => trust.caCerts),
      sourceMayBeInsecure,
      sourceMayNameAuthorities: sourceMayBeInsecure || ofNodes.includes('ca'),
    }
  }
}

/** Whether a host is an IPv4 address in a network such as `10.0.0.0/8`. */
function inNetwork(host: string, network: string): boolean {
  const address = host.replace(/:\d+$/, '')
  const [, net = '', prefix = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(network) ?? []
  if (!isIPv4(address) || !isIPv4(net) || Number(prefix) > 32) return false
  const list = new BlockList()
  list.addSubnet(net, Number(prefix))
  return list.check(address)
}
