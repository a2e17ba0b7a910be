import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { PassThrough } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** A request and its answer as they passed. */
export interface Passed {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly messages: readonly string[]
  readonly status: number
  readonly answered: IncomingMessage['headers']
  readonly answer: Buffer
  readonly received: readonly string[]
}

export interface Proxy {
  readonly url: string
  /** What has passed since it was last asked, in the order of the requests. */
  take(): Promise<Passed[]>
  stop(): Promise<void>
}

/** Passes HTTP and web sockets on to a server, and remembers them. */
export async function startProxy(to: string): Promise<Proxy> {
  let passed: Promise<Passed>[] = []
  const target = new URL(to)
  const server = createServer((incoming, outgoing) => {
    passed.push(
      (async (): Promise<Passed> => {
        const body = await buffer(incoming)
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          const sent = request({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers: { ...incoming.headers, 'accept-encoding': 'identity' } }, resolve)
          sent.on('error', reject)
          sent.end(body)
        })
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        const copy = answer.pipe(new PassThrough())
        answer.pipe(outgoing)
        // A client that has read enough of an event stream goes.
        outgoing.on('close', () => copy.end())
        return { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body, messages: [], status: answer.statusCode ?? 0, answered: answer.headers, answer: await buffer(copy), received: [] }
      })(),
    )
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (incoming, socket, head) => {
    sockets.handleUpgrade(incoming, socket, head, (client) => {
      const beyond = new WebSocket(`ws://${target.host}${incoming.url ?? ''}`, { headers: { authorization: incoming.headers.authorization ?? '' } })
      const [messages, received]: [string[], string[]] = [[], []]
      const waiting: string[] = []
      client.on('message', (data: Buffer) => {
        messages.push(data.toString())
        if (beyond.readyState === WebSocket.OPEN) beyond.send(data.toString())
        else waiting.push(data.toString())
      })
      beyond.on('open', () => waiting.splice(0).forEach((message) => beyond.send(message)))
      beyond.on('message', (data: Buffer) => {
        received.push(data.toString())
        client.send(data.toString())
      })
      passed.push(
        new Promise((resolve) => {
          beyond.on('close', () => {
            client.close(1000)
            resolve({ method: 'GET', path: incoming.url ?? '', headers: incoming.headers, body: Buffer.alloc(0), messages, status: 101, answered: {}, answer: Buffer.alloc(0), received })
          })
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async take() {
      const all = await Promise.all(passed)
      passed = []
      return all
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
