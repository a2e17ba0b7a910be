import { Readable, pipeline } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { messageOf } from '../../lib/errors.ts'
import { InvalidImage } from './invalid-image.ts'

/** One entry of a tar stream. */
export interface TarEntry {
  /** Relative, without `.`, `..` and slashes at its ends; '' is the root itself. */
  readonly path: string
  readonly header: Header
  /** What of it is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>
}

/** Reads a tar stream from its beginning; may be called again. */
export type TarEntries = () => AsyncIterable<TarEntry>

/**
 * The entries of a tar stream, one after the other; leaving the iteration closes the source. `what` names the tar in errors: names that lead
 * out of it, and bytes that are no tar, throw an InvalidImage; what the source throws is thrown on.
 */
export async function* tarEntries(source: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<TarEntry> {
  let failure: { readonly error: unknown } | undefined
  const noting = async function* (): AsyncIterable<Uint8Array> {
    try {
      yield* source
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  const tar = extract()
  pipeline(Readable.from(noting(), { objectMode: false }), tar, () => undefined)
  const entries = tar[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await entries.next().catch((error: unknown) => {
        throw failure === undefined ? new InvalidImage(`${what} is no whole tar archive: ${messageOf(error)}`) : failure.error
      })
      if (next.done === true) return
      const entry = next.value
      yield { path: insidePath(entry.header.name, what), header: entry.header, content: entry as AsyncIterable<Uint8Array> }
      entry.resume()
    }
  } finally {
    tar.destroy()
  }
}

/** A path as entries have it; names that lead out are refused rather than bent. */
export function insidePath(name: string, what: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || parts.includes('..') || name.includes('\0')) throw new InvalidImage(`${what} has an entry that leads out of it: ${shown(name)}`)
  return parts.join('/')
}

/** A name from outside as part of one line. */
export const shown = (name: string): string => JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name)

/** Content of at most `limit` bytes; more is an InvalidImage. */
export async function smallContent({ path, header, content }: TarEntry, limit: number): Promise<Buffer> {
  if ((header.size ?? 0) > limit) throw new InvalidImage(`its ${shown(path)} has ${header.size} bytes, more than ${limit}`)
  const chunks: Buffer[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
