import type { Readable } from 'node:stream'
import { constants, createZstdCompress } from 'node:zlib'
import { toError } from '../../lib/errors.ts'

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/**
 * Compresses a stream: the same bytes give the same bytes, however they are cut and whenever they come. A last piece that
 * came together with the end would be compressed as one that is known to be the last.
 */
export function zstd(source: Readable): Readable {
  const compress = createZstdCompress(fast)
  const feed = async (): Promise<void> => {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      await new Promise<void>((resolve, reject) => compress.write(chunk, (error) => (error ? reject(error) : resolve())))
    }
    compress.end()
  }
  feed().catch((error: unknown) => compress.destroy(toError(error)))
  compress.once('close', () => source.destroy())
  return compress
}
