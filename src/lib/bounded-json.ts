/** How much a JSON document may hold, whatever its length: `items` are its strings (keys too), arrays, objects and commas. */
export interface JsonBounds {
  readonly items: number
  readonly depth: number
}

export type JsonOutcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string }

const quote = 0x22
const backslash = 0x5c

/**
 * Parses JSON from outside. `[],[],…` takes thirty times its length in memory when it is parsed, so the items are counted first,
 * which takes a few milliseconds per megabyte and no memory.
 */
export function parseBoundedJson(bytes: Uint8Array, { items, depth }: JsonBounds): JsonOutcome {
  let counted = 0
  let open = 0
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        counted++
        at = endOfString(bytes, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        counted++
        open++
        if (open > depth) return { ok: false, error: `the JSON is nested deeper than ${depth} levels` }
        break
      case 0x5d: // ]
      case 0x7d: // }
        open--
        break
      case 0x2c: // ,
        counted++
        break
    }
    if (counted > items) return { ok: false, error: `the JSON holds more than ${items} items` }
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as unknown }
  } catch {
    return { ok: false, error: 'not valid JSON' }
  }
}

/** Where the closing quote of the string is that begins at `at`; the document's end when there is none. */
function endOfString(bytes: Uint8Array, at: number): number {
  for (let next = at + 1; next < bytes.length; next++) {
    if (bytes[next] === quote) return next
    if (bytes[next] === backslash) next++
  }
  return bytes.length
}
