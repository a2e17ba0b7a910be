import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FrontAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly userAgent: string
}

/** Stands before a registry; all that passes may be held for a moment. */
export interface HookedFront {
  /** `address:port`, as references name it. */
  readonly host: string
  /** Awaited when the registry has answered and whoever asked does not know yet. */
  readonly hooks: Set<(answer: FrontAnswer) => Promise<void>>
  stop(): Promise<void>
}

/** `target`: the registry behind it, `http://host:port`. */
export async function startHookedFront(target: string, address: string): Promise<HookedFront> {
  const hooks: HookedFront['hooks'] = new Set()
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const onward = request(new URL(path, target), { method, headers }, (answer) => {
      const told = { method, path, status: answer.statusCode ?? 0, userAgent: headers['user-agent'] ?? '' }
      void Promise.all([...hooks].map((hook) => hook(told))).then(
        () => answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)),
        () => outgoing.destroy(),
      )
    })
    onward.once('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    hooks,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
