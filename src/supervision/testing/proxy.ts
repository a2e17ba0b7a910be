import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** How the proxy treats a connection that has carried its share: */
export type Mischief =
  /** nothing more is carried, and nobody is told; it ends when the far side gives up */
  | 'hold'
  /** both sides get a RST */
  | 'reset'
  /** the last bytes are cut at whatever they are, then FIN */
  | 'cut'

/** A TCP proxy that breaks its connections, one after the other, as told; when the plan is used up it behaves. */
export class Proxy {
  readonly address: string
  /** How often it has done what. */
  readonly done: Mischief[] = []
  onMischief: ((mischief: Mischief) => void) | undefined
  #connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #watchers = new Set<() => void>()
  #plan: { mischief: Mischief; afterBytes: number }[] = []

  private constructor(server: Server) {
    this.#server = server
    this.address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(target: () => number): Promise<Proxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const proxy = new Proxy(server)
    server.on('connection', (near) => proxy.#carry(near, connect(target(), '127.0.0.1')))
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
    for (const socket of this.#sockets) socket.destroy()
  }

  #carry(near: Socket, far: Socket): void {
    const step = this.#plan[0]
    let left = step?.afterBytes ?? Infinity
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    }
    far.on('close', () => near.destroy())
    near.on('close', () => {
      far.destroy()
      this.#connections++
      for (const wake of this.#watchers) wake()
      this.#watchers.clear()
    })
    far.pipe(near)
    near.on('data', (data) => {
      if (left < 0) return
      const piece = data.subarray(0, left)
      left -= data.length
      if (!far.write(piece)) {
        near.pause()
        far.once('drain', () => near.resume())
      }
      if (left < 0 && step !== undefined) this.#break(step.mischief, near, far)
    })
  }

  #break(mischief: Mischief, near: Socket, far: Socket): void {
    switch (mischief) {
      case 'hold':
        far.unpipe(near)
        far.resume()
        break
      case 'reset':
        near.resetAndDestroy()
        far.resetAndDestroy()
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
