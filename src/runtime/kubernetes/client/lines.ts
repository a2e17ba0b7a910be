import { StringDecoder } from 'node:string_decoder'

/** Cuts a byte stream into lines; the last one without a newline was cut off and is left out. Throws on a line over `limit` characters. */
export async function* lines(source: AsyncIterable<Uint8Array>, limit = 16 * 1024 * 1024): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of source) {
    rest += decoder.write(Buffer.from(chunk))
    let start = 0
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      if (end > start) yield rest.slice(start, end)
      start = end + 1
    }
    rest = rest.slice(start)
    if (rest.length > limit) throw new Error('a line of the watch is too long')
  }
}
