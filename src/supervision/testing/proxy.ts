import { createServer, connect, Socket, type AddressInfo, type Server } from 'node:net'
import type { Duplex } from 'node:stream'

/** How the proxy treats a connection that has carried its share: */
export type Mischief =
  /** nothing more is carried, and nobody is told; it ends when the far side gives up */
  | 'hold'
  /** the same, and the near side is not told of that end either: it must notice by itself */
  | 'mute'
  /** both sides get a RST */
  | 'reset'
  /** the last bytes are cut at whatever they are, then FIN */
  | 'cut'

/**
 * A TCP proxy that breaks its connections, one after the other, as told; when the plan is used up it behaves. Bytes count from
 * the near side, the one that dials it.
 */
export class Proxy {
  readonly address: string
  /** How often it has done what. */
  readonly done: Mischief[] = []
  onMischief: ((mischief: Mischief) => void) | undefined
  /** Told of each connection before anything is carried. */
  onConnection: ((near: Duplex, far: Duplex) => void) | undefined
  #connections = 0
  readonly #server: Server
  readonly #streams = new Set<Duplex>()
  readonly #watchers = new Set<() => void>()
  #plan: { mischief: Mischief; afterBytes: number }[] = []

  private constructor(server: Server, host: string) {
    this.#server = server
    this.address = `tcp://${host}:${(server.address() as AddressInfo).port}`
  }

  /** `target`: port on `host`. */
  static async start(target: () => number, host = '127.0.0.1'): Promise<Proxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    const proxy = new Proxy(server, host)
    server.on('connection', (near) => proxy.carry(near, connect(target(), host)))
    return proxy
  }

  plan(...steps: { mischief: Mischief; afterBytes: number }[]): void {
    this.#plan = steps
  }

  /** Resolves when it has seen that many connections end. */
  async connections(count: number): Promise<void> {
    while (this.#connections < count) {
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve)
      })
    }
  }

  stop(): void {
    this.#server.close()
    for (const stream of this.#streams) stream.destroy()
  }

  /** Joins two streams as if one had dialled the other through it. */
  carry(near: Duplex, far: Duplex): void {
    this.onConnection?.(near, far)
    const step = this.#plan[0]
    let left = step?.afterBytes ?? Infinity
    let muted = false
    for (const stream of [near, far]) {
      this.#streams.add(stream)
      stream.on('error', () => {})
      stream.on('close', () => this.#streams.delete(stream))
    }
    far.on('close', () => {
      if (!muted) near.destroy()
    })
    near.on('close', () => {
      far.destroy()
      this.#connections++
      for (const wake of this.#watchers) wake()
      this.#watchers.clear()
    })
    far.pipe(near)
    near.on('data', (data: Buffer) => {
      if (left < 0) return
      const piece = data.subarray(0, left)
      left -= data.length
      if (!far.write(piece)) {
        near.pause()
        far.once('drain', () => near.resume())
      }
      if (left >= 0 || step === undefined) return
      muted = step.mischief === 'mute'
      this.#break(step.mischief, near, far)
    })
  }

  #break(mischief: Mischief, near: Duplex, far: Duplex): void {
    switch (mischief) {
      case 'hold':
      case 'mute':
        far.unpipe(near)
        far.resume()
        break
      case 'reset':
        reset(near)
        reset(far)
        break
      case 'cut':
        far.end()
        near.end()
        break
    }
    this.#plan.shift()
    this.done.push(mischief)
    this.onMischief?.(mischief)
  }
}

/** A RST where there is one: pipes and streams that others carry are closed at once. */
function reset(stream: Duplex): void {
  if (stream instanceof Socket && stream.remoteAddress !== undefined) stream.resetAndDestroy()
  else stream.destroy()
}
