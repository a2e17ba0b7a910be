import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** The kind of an address, as this server sees it. Metadata services give out the machine's credentials; services on loopback and on the local link often trust every client. */
export type AddressKind = 'metadata' | 'link-local' | 'loopback' | 'other'

/** Why an address is asked: a source or the operator names the host itself, or a registry's answer leads there. */
export type Reach = 'named' | 'led'

export type Lookup = (hostname: string, options: { readonly all: true }, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void

const kinds: readonly (readonly [AddressKind, BlockList])[] = [
  ['metadata', addresses(['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'])],
  ['link-local', subnets(['169.254.0.0', 16], ['fe80::', 10])],
  ['loopback', subnets(['127.0.0.0', 8], ['0.0.0.0', 8], ['::1', 128], ['::', 128])],
]

/** An IPv4 address inside an IPv6 one (mapped, or NAT64) counts as itself. */
export function addressKind(address: string): AddressKind {
  const bare = unbracketed(address).replace(/%.*$/, '')
  const inner = /^64:ff9b::([0-9a-f.:]+)$/i.exec(bare)?.[1]
  if (inner !== undefined) return addressKind(`::ffff:${inner}`)
  const family = isIP(bare) === 6 ? 'ipv6' : 'ipv4'
  return kinds.find(([, list]) => list.check(bare, family))?.[0] ?? 'other'
}

/** The error for an address that a registry's host or answer led to and that is refused. */
export class AddressRefused extends Error {
  readonly code = 'ERR_ADDRESS_REFUSED'
}

const names: { readonly [K in Exclude<AddressKind, 'other'>]: string } = {
  metadata: 'that of a metadata service',
  'link-local': 'a link-local one',
  loopback: 'one of this machine itself',
}

/**
 * Decides which addresses requests for a registry may go to. A registry that is named may be on loopback, and may then redirect to other
 * ports of loopback. One that was ever seen at another address may not: otherwise the owner of its DNS name could point it at this machine.
 */
export class AddressGuard {
  readonly #lookup: Lookup
  /** Names that have resolved to other machines, and those that have only resolved to loopback. Bounded: the oldest are removed. */
  readonly #away = new Set<string>()
  readonly #here = new Set<string>()

  constructor(lookup: Lookup = systemLookup) {
    this.#lookup = lookup
  }

  /** Throws if the host is an address that is refused; a name is checked when it is resolved. `registry`: the host that was named. */
  check(hostname: string, reach: Reach, registry: string): void {
    const bare = unbracketed(hostname)
    if (isIP(bare) === 0) return
    const kind = addressKind(bare)
    const refused = kind === 'metadata' || (reach === 'led' && (kind === 'link-local' || (kind === 'loopback' && !this.isHere(registry))))
    if (refused) throw refusal(hostname, bare, kind, reach)
  }

  /** Whether a registry's host is this machine. */
  isHere(hostname: string): boolean {
    const bare = unbracketed(hostname)
    return isIP(bare) === 0 ? this.#here.has(bare) && !this.#away.has(bare) : addressKind(bare) === 'loopback'
  }

  /** For connections: gives the addresses of a name that may be connected to, an error where there is none. `loopback`: whether a name that was led to may be on this machine. */
  lookup(reach: Reach, loopback: boolean): LookupFunction {
    return (hostname, options, callback) => {
      this.#lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error as NodeJS.ErrnoException, [])
        const allowed = found.filter(({ address }) => this.#allows(hostname, addressKind(address), reach, loopback))
        if (reach === 'named') this.#remember(hostname, found)
        const [first] = allowed
        if (first === undefined) {
          const address = found[0]?.address ?? ''
          return callback(refusal(hostname, address, addressKind(address), reach), [])
        }
        if (options.all === true) callback(null, allowed)
        else callback(null, first.address, first.family)
      })
    }
  }

  #allows(hostname: string, kind: AddressKind, reach: Reach, loopback: boolean): boolean {
    switch (kind) {
      case 'metadata':
      case 'link-local':
        return false
      case 'loopback':
        return reach === 'named' ? !this.#away.has(hostname) : loopback
      case 'other':
        return true
    }
  }

  #remember(hostname: string, found: readonly LookupAddress[]): void {
    const away = found.some(({ address }) => addressKind(address) !== 'loopback')
    const set = away ? this.#away : this.#here
    if (set.has(hostname)) return
    set.add(hostname)
    if (set.size > namesKept) for (const oldest of set) return void set.delete(oldest)
  }
}

const namesKept = 10_000

function refusal(hostname: string, address: string, kind: AddressKind, reach: Reach): AddressRefused {
  const is = hostname === address ? 'its address is' : `its address ${address} is`
  const what = kind === 'other' ? 'not one to connect to' : names[kind]
  return new AddressRefused(`${is} ${what}, and ${reach === 'led' ? 'a registry must not lead there' : 'no registry is there'}`)
}

const unbracketed = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

function addresses(list: readonly string[]): BlockList {
  const blocked = new BlockList()
  for (const address of list) blocked.addAddress(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return blocked
}

function subnets(...list: readonly (readonly [string, number])[]): BlockList {
  const blocked = new BlockList()
  for (const [net, prefix] of list) blocked.addSubnet(net, prefix, isIP(net) === 6 ? 'ipv6' : 'ipv4')
  return blocked
}
