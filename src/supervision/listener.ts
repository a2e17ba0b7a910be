import { chmod, mkdir, rename, rm, unlink } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { enough, type Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { withUnixAddress } from '../lib/unix-path.ts'
import { Channel } from './channel.ts'
import { parseHello, type Hello } from './messages.ts'
import { originOf, PendingPeers, type PendingPeer } from './pending-peers.ts'
import { beginsTls, secure } from './secure.ts'

/** Time from the connection to a complete hello, ms. */
const handshakeMs = 10_000
/** A token of 32 KiB, and the ids of the assignments. */
const helloBytes = 64 * 1024
/** Connections that have not said hello. Many supervisors may have one address, behind a translation of addresses. */
const pendingAllowed = { total: 1024, perOrigin: 128 }

/** A peer that has said hello; nothing of it is proven yet. */
export interface Peer {
  readonly channel: Channel
  readonly hello: Hello
  /** The only container that can use this socket or stream. */
  readonly handle: string | undefined
  readonly dialled: boolean
}

export interface Way {
  readonly tls: boolean
  readonly handle?: string
  readonly dialled?: boolean
}

/** Listens, secures the connections that come in, and reads their hello. */
export class Listener {
  readonly #clock: Clock
  readonly #log: Log
  readonly #context: SecureContext
  readonly #onPeer: (peer: Peer) => void
  readonly #pending = new PendingPeers(pendingAllowed)
  readonly #servers = new Set<Server>()

  constructor(options: { clock: Clock; log: Log; context: SecureContext; onPeer: (peer: Peer) => void }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#context = options.context
    this.#onPeer = options.onPeer
  }

  /** Listens for any container; returns the port. */
  async listenTcp(host: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true, pauseOnConnect: false }, (socket) => void this.welcome(socket, { tls: true }))
    await listening(server, { host, port })
    this.#servers.add(server)
    return (server.address() as AddressInfo).port
  }

  /**
   * Listens on `<dir>/socket` for one container; returns what closes it. The container sees `dir`, and may be able to write there: the socket
   * is bound and gets its mode beside `dir`, and only rename and unlink, which follow no link in the last part of a path, work inside it.
   */
  async listenUnix(dir: string, handle: string): Promise<() => Promise<void>> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const path = join(dir, 'socket')
    const [parent, name] = [dirname(dir), `${basename(dir)}.new`]
    const bound = join(parent, name)
    await rm(bound, { force: true })
    const server = createServer((socket) => void this.welcome(socket, { tls: false, handle }))
    await withUnixAddress(parent, name, (address) => listening(server, { path: address }))
    try {
      // Only the container reaches the directory; in it the supervisor may be any user.
      await chmod(bound, 0o666)
      await rename(bound, path)
    } catch (error) {
      await closing(server)
      throw error
    }
    this.#servers.add(server)
    return async () => {
      this.#servers.delete(server)
      await closing(server)
      // A file that the container put there is removed with the directory.
      await unlink(path).catch(() => undefined)
    }
  }

  /** Secures a stream and reads its hello, within ten seconds. */
  async welcome(stream: Duplex, way: Way): Promise<void> {
    const timeUp = new AbortController()
    const pending: PendingPeer = {
      origin: way.handle === undefined ? originOf((stream as Socket).remoteAddress ?? '') : `container ${way.handle}`,
      silent: () => 'bytesRead' in stream && stream.bytesRead === 0,
      drop: () => timeUp.abort(),
    }
    this.#pending.add(pending)
    const done = new AbortController()
    void this.#clock.sleep(handshakeMs, done.signal).then(
      () => timeUp.abort(),
      () => {},
    )
    try {
      const peer = await this.#hello(stream, way, timeUp.signal)
      if (peer !== undefined) this.#onPeer(peer)
    } finally {
      done.abort(enough)
      this.#pending.remove(pending)
    }
  }

  async close(): Promise<void> {
    this.#pending.dropAll()
    const servers = [...this.#servers]
    this.#servers.clear()
    await Promise.all(servers.map(closing))
  }

  /** `signal` aborts when its time is over, or its place is needed for another connection. */
  async #hello(stream: Duplex, way: Way, signal: AbortSignal): Promise<Peer | undefined> {
    stream.on('error', (error) => this.#log.debug({ error: error.message }, 'connection closed before hello'))
    let carrier: Duplex | undefined = stream
    if (way.tls) {
      if (way.dialled !== true && !(await beginsTls(stream as Socket, signal))) return undefined
      carrier = await secure(stream, this.#context, signal)
    }
    if (carrier === undefined) return undefined
    const channel = new Channel(carrier, this.#clock, helloBytes)
    const giveUp = (): void => channel.destroy('no hello came')
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    const first = await channel.readOne()
    signal.removeEventListener('abort', giveUp)
    const hello = first?.kind === 'message' ? parseHello(first.message) : undefined
    if (hello !== undefined) return { channel, hello, handle: way.handle, dialled: way.dialled ?? false }
    channel.destroy('not a hello')
    return undefined
  }
}

function listening(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      // An accept that failed (no file descriptors left) is not the end of listening.
      server.on('error', () => {})
      resolve()
    })
  })
}

/** Stops listening; channels are closed by those who own them. */
function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    resolve()
  })
}
