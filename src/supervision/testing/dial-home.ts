import { connect as connectSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { alpn } from '../secure.ts'
import { pinOf } from '../server-key.ts'

/** The TLS client that a supervisor is: any name, any chain, this key. */
export function secureClient(stream: Duplex, pin: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: stream, rejectUnauthorized: false, ALPNProtocols: [alpn], minVersion: 'TLSv1.3' }, () => {
      const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
      if (spki === undefined || pinOf(spki) !== pin) {
        socket.destroy()
        return reject(new Error('not the server of this pin'))
      }
      resolve(socket)
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed in the handshake')))
  })
}

/** Connects to `tcp://host:port` with TLS, or to a unix socket's path. */
export async function dialHome(address: string, pin: string): Promise<Duplex> {
  if (!address.startsWith('tcp://')) return await plain({ path: address })
  const { hostname, port } = new URL(address.replace('tcp:', 'http:'))
  return await secureClient(await plain({ host: hostname, port: Number(port) }), pin)
}

function plain(where: { path: string } | { host: string; port: number }): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(where as { path: string }, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}
