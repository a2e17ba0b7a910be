import { isIPv6 } from 'node:net'

/** A connection that has not said hello yet. */
export interface PendingPeer {
  /** Its address, container or socket. One origin cannot use up the places of others. */
  readonly origin: string
  /** Nothing has come from it. */
  silent(): boolean
  /** Closes it. */
  drop(): void
}

/**
 * Bounds the connections that have not said hello, in all and of one origin. A new one is always taken: an older one of the origin
 * that has most is closed for it, a silent one first. So held connections cannot keep others out; a supervisor whose
 * connection is closed dials again.
 */
export class PendingPeers {
  readonly #total: number
  readonly #perOrigin: number
  /** In the order they came. */
  readonly #byOrigin = new Map<string, Set<PendingPeer>>()
  #count = 0

  constructor({ total, perOrigin }: { readonly total: number; readonly perOrigin: number }) {
    this.#total = total
    this.#perOrigin = perOrigin
  }

  get size(): number {
    return this.#count
  }

  add(peer: PendingPeer): void {
    const own = this.#byOrigin.get(peer.origin)
    const crowded = own !== undefined && own.size >= this.#perOrigin ? own : this.#count >= this.#total ? this.#largest() : undefined
    const victim = crowded && longestSilent(crowded)
    if (victim !== undefined) {
      this.remove(victim)
      victim.drop()
    }
    const peers = this.#byOrigin.get(peer.origin) ?? new Set()
    peers.add(peer)
    this.#byOrigin.set(peer.origin, peers)
    this.#count++
  }

  remove(peer: PendingPeer): void {
    const peers = this.#byOrigin.get(peer.origin)
    if (peers === undefined || !peers.delete(peer)) return
    this.#count--
    if (peers.size === 0) this.#byOrigin.delete(peer.origin)
  }

  dropAll(): void {
    for (const peers of this.#byOrigin.values()) for (const peer of peers) peer.drop()
    this.#byOrigin.clear()
    this.#count = 0
  }

  #largest(): Set<PendingPeer> | undefined {
    let largest: Set<PendingPeer> | undefined
    for (const peers of this.#byOrigin.values()) if (largest === undefined || peers.size > largest.size) largest = peers
    return largest
  }
}

/** The oldest that has sent nothing, else the oldest. */
function longestSilent(peers: ReadonlySet<PendingPeer>): PendingPeer | undefined {
  let oldest: PendingPeer | undefined
  for (const peer of peers) {
    if (peer.silent()) return peer
    oldest ??= peer
  }
  return oldest
}

/** The origin of an address: an IPv4 address, or the first 64 bits of an IPv6 one, which a host has to itself. */
export function originOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [plain = ''] = address.split('%')
  if (!isIPv6(plain)) return address
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length
    while (groups.length + after < 8) groups.push('0')
  }
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
