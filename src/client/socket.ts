import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { WebSocket } from 'ws'
import { codeOf, messageOf } from '../lib/errors.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ClientError } from './client-error.ts'

export interface Tls {
  readonly rejectUnauthorized: boolean
  readonly ca?: string[]
  readonly cert?: Buffer
  readonly key?: Buffer
}

const connectMs = 15_000
/** A server sends output in pieces of some kilobytes. */
const largestMessage = 8 * 1024 * 1024

/** Opens a web socket, through the environment's proxies. Nothing is read of it until `resume`. */
export function openSocket(url: string, headers: Readonly<Record<string, string>>, tls: Tls, refused: (answer: IncomingMessage) => Promise<ClientError>): Promise<Result<WebSocket, ClientError>> {
  const asked = new URL(url)
  const secure = asked.protocol === 'https:'
  asked.protocol = secure ? 'wss:' : 'ws:'
  const proxyEnv = process.env
  const agent = secure ? new HttpsAgent({ ...tls, proxyEnv }) : new HttpAgent({ proxyEnv })
  const socket = new WebSocket(asked, { headers, agent, ...tls, maxPayload: largestMessage, perMessageDeflate: false, handshakeTimeout: connectMs })
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.pause()
      resolve(ok(socket))
    })
    socket.on('error', (error) => resolve(fail({ kind: 'unreachable', message: `${asked.origin} cannot be reached: ${codeOf(error) ?? ''} ${messageOf(error)}`.replace('  ', ' ') })))
    socket.once('unexpected-response', (_request, answer) => {
      void refused(answer).then((error) => {
        resolve(fail(error))
        socket.terminate()
      })
    })
  })
}
