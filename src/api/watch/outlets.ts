import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Outlet } from './session.ts'

/** Shared bytes go out as they are, as the second fragment of a message. */
export function socketOutlet(socket: WebSocket): Outlet {
  const drain = new Drain()
  socket.once('close', () => drain.all())
  const send = (head: Buffer, rest: Buffer, binary: boolean): void => {
    if (socket.readyState !== socket.OPEN) return
    socket.send(head, { binary, fin: false }, () => undefined)
    socket.send(rest, { binary, fin: true }, () => drain.all())
  }
  return {
    send: (sub, rest) => send(Buffer.from(`{"sub":${sub},`), rest, false),
    sendEvents(sub, frames) {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(sub)
      send(head, frames, true)
    },
    get buffered() {
      return socket.readyState === socket.OPEN ? socket.bufferedAmount : 0
    },
    drained: () => drain.next(),
    cut: () => socket.close(1012, 'come back'),
  }
}

export function streamOutlet(response: ServerResponse): Outlet {
  const drain = new Drain()
  for (const event of ['drain', 'close'] as const) response.on(event, () => drain.all())
  return {
    send(sub, rest) {
      if (response.destroyed) return
      response.write(`data: {"sub":${sub},`)
      response.write(rest)
      response.write('\n\n')
    },
    get buffered() {
      return response.destroyed ? 0 : response.writableLength
    },
    drained: () => drain.next(),
    cut: () => response.destroy(),
  }
}

class Drain {
  #waiting = Promise.withResolvers<void>()

  next(): Promise<void> {
    return this.#waiting.promise
  }

  all(): void {
    this.#waiting.resolve()
    this.#waiting = Promise.withResolvers()
  }
}
