import type { Readable } from 'node:stream'

/** Longest line that is read; a longer one is no answer of an engine. */
const longest = 4 * 1024 * 1024

/** JSON values of a stream that has one on each line. */
export async function* jsonLines(body: Readable): AsyncIterable<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    rest += decoder.decode(part as Uint8Array, { stream: true })
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      const value = parse(rest.slice(0, end))
      rest = rest.slice(end + 1)
      if (value !== undefined) yield value
    }
    if (rest.length > longest) throw new Error('the engine sent a line that is too long')
  }
  const value = parse(rest)
  if (value !== undefined) yield value
}

function parse(line: string): unknown {
  if (line.trim() === '') return undefined
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
