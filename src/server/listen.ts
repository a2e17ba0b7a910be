import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { atMost } from '../lib/at-most.ts'
import type { Clock } from '../lib/clock.ts'
import { fail, ok, type Result } from '../model/result.ts'

export interface Address {
  readonly bind: string
  /** 0: any that is free. */
  readonly port: number
}

export interface ListenError {
  readonly kind: 'address-in-use' | 'cannot-listen'
  readonly message: string
  readonly address: Address
}

export interface Listener {
  readonly port: number
  /** Takes no more connections, waits until the requests that are under way are answered, but no longer than `graceMs`, and cuts what is left. */
  close(graceMs: number): Promise<void>
}

/** Of its body, too: an upload of ten gibibytes takes hours on a slow line. What sends nothing for a minute is cut off by whoever reads it. */
const longestRequestMs = 6 * 3_600_000

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface ConnectionLimits {
  /** How long a client may take to send the head of a request. */
  readonly headersMs: number
  readonly connections: number
  /** A load balancer is one address: more than the event streams that a server has. */
  readonly connectionsOfAddress: number
}

const defaults: ConnectionLimits = { headersMs: 30_000, connections: 30_000, connectionsOfAddress: 25_000 }

export interface ListenOptions {
  readonly handler: RequestListener
  /** Of requests for another protocol; absent: those are answered like any other. */
  readonly onUpgrade?: UpgradeListener | undefined
  readonly clock: Clock
  readonly limits?: ConnectionLimits
}

export async function listen({ bind, port }: Address, { handler, onUpgrade, clock, limits = defaults }: ListenOptions): Promise<Result<Listener, ListenError>> {
  let closing = false
  const upgraded = new Set<Duplex>()
  const addresses = new Map<string, number>()
  const server = createServer({ requestTimeout: longestRequestMs, headersTimeout: limits.headersMs, connectionsCheckingInterval: Math.min(limits.headersMs, 5_000) }, (request, response) => {
    // A connection that is kept alive would hold the server open after its last answer.
    response.once('close', () => closing && server.closeIdleConnections())
    handler(request, response)
  })
  server.maxConnections = limits.connections
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    const open = (addresses.get(address) ?? 0) + 1
    addresses.set(address, open)
    socket.once('close', () => {
      const left = (addresses.get(address) ?? 1) - 1
      if (left === 0) addresses.delete(address)
      else addresses.set(address, left)
    })
    if (open > limits.connectionsOfAddress) socket.destroy()
  })
  if (onUpgrade !== undefined) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgraded.add(socket)
      socket.once('close', () => upgraded.delete(socket))
      onUpgrade(request, socket, head)
    })
  }
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, bind, () => resolve(undefined))
  })
  if (error !== undefined) return fail({ kind: error.code === 'EADDRINUSE' ? 'address-in-use' : 'cannot-listen', message: error.message, address: { bind, port } })
  return ok({
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      closing = true
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeIdleConnections()
      await atMost(clock, graceMs, closed)
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    },
  })
}
