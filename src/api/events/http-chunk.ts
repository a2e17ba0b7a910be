const known = new WeakMap<Buffer, Buffer>()

/** The bytes as HTTP/1.1 frames a part of a body of unknown length. Framed once, however many watchers are sent them; Node would make three writes of each part for each watcher. */
export function httpChunk(bytes: Buffer): Buffer {
  const made = known.get(bytes) ?? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  known.set(bytes, made)
  return made
}
