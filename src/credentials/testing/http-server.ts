import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeRequest {
  readonly method: string
  /** As it was sent, with its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface FakeAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface FakeServer {
  readonly url: string
  readonly requests: readonly FakeRequest[]
  close(): Promise<void>
}

/** An HTTP server that answers as a test wants; a text is sent as it is, everything else as JSON. `undefined`: the connection is cut. */
export async function fakeServer(answer: (request: FakeRequest) => FakeAnswer | undefined): Promise<FakeServer> {
  const requests: FakeRequest[] = []
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of incoming.setEncoding('utf8') as AsyncIterable<string>) body += chunk
    const request = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body }
    requests.push(request)
    const found = answer(request)
    if (found === undefined) return void outgoing.destroy()
    outgoing.writeHead(found.status ?? 200, { 'content-type': 'application/json', ...found.headers })
    outgoing.end(typeof found.body === 'string' ? found.body : JSON.stringify(found.body ?? {}))
  }
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
}
