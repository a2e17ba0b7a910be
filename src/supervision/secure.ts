import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { ServerKey } from './server-key.ts'

export const alpn = 'airside/1'

export const secureContext = ({ key, certificate }: ServerKey): SecureContext =>
  createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' })

/** Makes the server's end of TLS on a stream, whoever dialled it; undefined when the handshake fails or `signal` aborts. */
export function secure(stream: Duplex, context: SecureContext, signal: AbortSignal): Promise<Duplex | undefined> {
  return new Promise((resolve) => {
    // Its type says Socket; any Duplex does.
    const socket = new TLSSocket(stream as Socket, { isServer: true, secureContext: context, ALPNProtocols: [alpn] })
    const give = (): void => {
      socket.destroy()
      stream.destroy()
      resolve(undefined)
    }
    socket.on('error', give)
    socket.once('close', give)
    stream.once('error', give)
    signal.addEventListener('abort', give, { once: true })
    socket.once('secure', () => {
      signal.removeEventListener('abort', give)
      if (socket.alpnProtocol !== alpn) return give()
      socket.off('error', give)
      socket.off('close', give)
      // Later errors of the carrier close the channel above it.
      stream.once('close', () => socket.destroy())
      resolve(socket)
    })
  })
}

const tlsHandshake = 0x16
const httpAnswer =
  'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis port is for Airside supervisors.\n'

/** Looks at the first byte and leaves it in place; closes what does not begin TLS, with an answer if it speaks HTTP. */
export function beginsTls(socket: Socket, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (answer: boolean): void => {
      socket.off('readable', look)
      socket.off('close', refuse)
      signal.removeEventListener('abort', refuse)
      resolve(answer)
    }
    const refuse = (): void => {
      socket.destroy()
      done(false)
    }
    const look = (): void => {
      const first = socket.read() as Buffer | null
      if (first === null) {
        if (socket.readableEnded || socket.destroyed) refuse()
        return
      }
      if (first[0] === tlsHandshake) {
        socket.unshift(first)
        return done(true)
      }
      if (first[0] !== undefined && /[A-Z]/.test(String.fromCharCode(first[0]))) socket.end(httpAnswer)
      socket.destroySoon()
      done(false)
    }
    socket.on('readable', look)
    socket.once('close', refuse)
    signal.addEventListener('abort', refuse, { once: true })
  })
}
