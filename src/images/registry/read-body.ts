import type { HttpResponse } from './transport.ts'

/** A body of at most `limit` bytes; undefined when it is longer (the rest is not read). */
export async function readBytes(body: HttpResponse['body'], limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > limit) {
      body.destroy()
      return undefined
    }
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

export async function readText(body: HttpResponse['body'], limit: number): Promise<string | undefined> {
  const bytes = await readBytes(body, limit)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}

/** Discards the body of an answer. The connection is kept when little is left of it, and closed otherwise. */
export const discard = (body: HttpResponse['body']): Promise<void> => body.dump({ limit: 64 * 1024 }).then(() => undefined, () => undefined)
