import { Readable } from 'node:stream'

/** The same stream, and the time from its first chunk to its last. */
export function timeOf(source: Readable): { readonly stream: Readable; ms(): number } {
  let first: number | undefined
  let last = 0
  async function* noted() {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      last = performance.now()
      first ??= last
      yield chunk
    }
  }
  return { stream: Readable.from(noted()), ms: () => last - (first ?? last) }
}
