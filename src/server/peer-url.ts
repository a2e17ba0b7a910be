import type { networkInterfaces } from 'node:os'
import type { Address } from './listen.ts'

/** Where other servers reach one that listens at this address, if nobody says otherwise: at the address itself, or this machine's first that others see. */
export function peerUrlOf({ bind, port }: Address, interfaces: ReturnType<typeof networkInterfaces>): string {
  const outside = Object.values(interfaces).flatMap((addresses) => addresses ?? []).find(({ internal, family }) => !internal && family === 'IPv4')
  const host = bind === '0.0.0.0' || bind === '::' ? (outside?.address ?? '127.0.0.1') : bind
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
