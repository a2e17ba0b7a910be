import { createHash } from 'node:crypto'
import { Transform, pipeline, type Readable } from 'node:stream'

/** Passes a stream on. It fails if it is longer than `limit` bytes or its content does not match `digest`. */
export function verified(source: Readable, digest: string, limit: number): Readable {
  const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256')
  let size = 0
  const check = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.byteLength
      if (size > limit) return done(new Error(`blob ${digest} is larger than ${limit} bytes`))
      hash.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      const found = hash.digest('hex')
      done(found === digest.slice(digest.indexOf(':') + 1) ? null : new Error(`blob ${digest} came damaged: its bytes are ${found}`))
    },
  })
  // pipeline destroys both on an error of either, so an abandoned download closes its connection.
  return pipeline(source, check, () => undefined)
}
