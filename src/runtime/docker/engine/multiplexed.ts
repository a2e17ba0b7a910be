import { Duplex, type Readable } from 'node:stream'

/**
 * The engine's framing of a process's stdout and stderr without a terminal: 1 byte stream (1 stdout, 2 stderr), 3 bytes zero,
 * 4 bytes length (big endian), data.
 */
class Frames {
  #rest: Buffer = Buffer.alloc(0)

  /** Calls `data` for each piece of a frame's payload, as early as possible. */
  push(part: Buffer, data: (stream: number, bytes: Buffer) => void): void {
    let buffer = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part])
    while (buffer.length >= 8) {
      const end = 8 + buffer.readUInt32BE(4)
      if (buffer.length < end) break
      data(buffer.readUInt8(0), buffer.subarray(8, end))
      buffer = buffer.subarray(end)
    }
    this.#rest = buffer
  }
}

/** Everything a multiplexed stream holds, as text; for short logs. */
export async function readMultiplexed(body: Readable): Promise<string> {
  const frames = new Frames()
  const parts: Buffer[] = []
  try {
    for await (const part of body) frames.push(part as Buffer, (_stream, bytes) => void parts.push(bytes))
  } catch {
    // What came before the stream broke is shown.
  }
  return Buffer.concat(parts).toString('utf8')
}

/** A hijacked exec connection as the process's stdin and stdout; stderr is dropped. */
export function demultiplex(socket: Duplex): Duplex {
  const frames = new Frames()
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, callback) => {
      if (socket.write(chunk)) callback()
      else socket.once('drain', callback)
    },
    final: (callback) => void socket.end(callback),
    destroy: (error, callback) => {
      socket.destroy()
      callback(error)
    },
  })
  socket.on('data', (part: Buffer) => {
    let more = true
    frames.push(part, (kind, bytes) => {
      if (kind === 1) more = stream.push(bytes)
    })
    if (!more) socket.pause()
  })
  socket.once('end', () => stream.push(null))
  socket.once('error', (error) => stream.destroy(error))
  socket.once('close', () => stream.destroy())
  return stream
}
