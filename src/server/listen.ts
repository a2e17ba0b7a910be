import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { fail, ok, type Result } from '../model/result.ts'

export interface Address {
  readonly bind: string
  /** 0: any that is free. */
  readonly port: number
}

export interface ListenError {
  readonly kind: 'address-in-use' | 'cannot-listen'
  readonly message: string
}

export interface Listener {
  readonly port: number
  /** Takes no more connections, and cuts those that are open. */
  close(): void
}

/** Of its body, too: an upload of ten gibibytes takes hours on a slow line. What sends nothing for a minute is cut off by whoever reads it. */
const longestRequestMs = 6 * 3_600_000

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** `onUpgrade`: of requests for another protocol; absent: those are answered like any other. */
export async function listen({ bind, port }: Address, handler: RequestListener, onUpgrade?: UpgradeListener): Promise<Result<Listener, ListenError>> {
  const server = createServer({ requestTimeout: longestRequestMs }, handler)
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade)
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, bind, () => resolve(undefined))
  })
  if (error !== undefined) return fail({ kind: error.code === 'EADDRINUSE' ? 'address-in-use' : 'cannot-listen', message: error.message })
  return ok({
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  })
}
