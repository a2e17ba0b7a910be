import { readFile } from 'node:fs/promises'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeCertificates } from './certificates.ts'

export interface TlsFront {
  /** `address:port`. */
  readonly host: string
  readonly caFile: string
  /** `METHOD STATUS PATH` of each request, oldest first. */
  readonly log: readonly string[]
  stop(): Promise<void>
}

/** Speaks TLS for a server on 127.0.0.1, as an ingress does; `folder` gets the certificates. */
export async function tlsFront(folder: string, address: string, port: number): Promise<TlsFront> {
  const { caFile, certFile, keyFile } = await makeCertificates(folder, [address])
  const log: string[] = []
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const onward = request({ host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers: { ...incoming.headers, 'x-forwarded-proto': 'https' } }, (answer) => {
      log.push(`${incoming.method} ${answer.statusCode} ${incoming.url}`)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.once('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  }
  const server = createServer({ cert: await readFile(certFile), key: await readFile(keyFile) }, pass)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    caFile,
    log,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
