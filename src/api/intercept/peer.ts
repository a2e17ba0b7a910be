import type { IncomingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'
import { about } from '../../lib/about.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { text, type Reply } from '../reply.ts'
import { protocolsOf } from './page-token.ts'

/** Says that a request comes from another server, which must not be sent on once more. */
export const peerHeader = 'x-airside-peer'

/** Output comes in frames that the server which holds the container has made: a record in base64. */
const longestOutput = 8 * 1024 * 1024
const connectMs = 10_000
/** Of a refusal. */
const longestRefusal = 4096
/** Bytes that wait for one side; then the other is not read any more. */
const mostWaiting = 1024 * 1024

/** Of a request to another server, for who asks here. */
export function inTheNameOf({ authorization, cookie }: IncomingHttpHeaders): Record<string, string> {
  const { request } = about()
  return { ...(authorization !== undefined && { authorization }), ...(cookie !== undefined && { cookie }), ...(request !== undefined && { 'x-request-id': request }), [peerHeader]: '1' }
}

/** Asks another server for the same web socket, in the name of who asks here: it decides again. Its refusal is this server's. */
export function openPeer(url: string, path: string, headers: IncomingHttpHeaders): Promise<Result<WebSocket, Reply>> {
  const asked = new URL(path, url)
  asked.protocol = asked.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(asked, [...protocolsOf(headers)], {
    headers: inTheNameOf(headers),
    maxPayload: longestOutput, perMessageDeflate: false, handshakeTimeout: connectMs,
  })
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.pause()
      resolve(ok(socket))
    })
    socket.on('error', () => resolve(fail(unreachable)))
    socket.once('unexpected-response', (_request, response) => {
      const body: Buffer[] = []
      let size = 0
      response.on('data', (more: Buffer) => {
        body.push(more)
        size += more.length
        if (size > longestRefusal) response.destroy()
      })
      response.once('close', () => {
        resolve(fail(text(response.statusCode ?? 502, Buffer.concat(body).toString('utf8').slice(0, longestRefusal))))
        socket.terminate()
      })
    })
  })
}

const unreachable = text(503, 'the server that holds the container cannot be reached; try again (servers reach each other by their peer-url)')

/** Hands on what comes from either side until one of them ends; then the other ends too. */
export async function join(client: WebSocket, peer: WebSocket): Promise<void> {
  forward(client, peer)
  forward(peer, client)
  peer.resume()
  await Promise.all([client, peer].map((socket) => new Promise<void>((resolve) => void (socket.readyState === WebSocket.CLOSED ? resolve() : socket.once('close', () => resolve())))))
}

function forward(from: WebSocket, to: WebSocket): void {
  from.on('error', () => undefined)
  from.on('message', (data: Buffer, binary: boolean) => {
    if (to.readyState !== WebSocket.OPEN) return
    to.send(data, { binary }, () => {
      if (to.bufferedAmount <= mostWaiting && from.isPaused) from.resume()
    })
    if (to.bufferedAmount > mostWaiting) from.pause()
  })
  from.once('close', (code, reason) => {
    if (from.isPaused) from.resume()
    // 1005 and 1006 say that no code came: they cannot be sent.
    if (code === 1005) to.close()
    else if (code === 1006 || code === 1015) to.close(1011, 'the connection to the container broke')
    else to.close(code, reason)
  })
}
