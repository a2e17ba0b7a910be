import type { Cursor } from './cursor.ts'
import { SyntaxFault } from './token.ts'

/** What a letter after a backslash stands for. `\/`, which JSON has, is not among YAML 1.1's. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

const digitsOf: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

const hint = 'in double quotes a backslash is written `\\\\`; single quotes take it as it is'

/** Reads the escape at the cursor, which stands on a backslash, and passes it. */
export function escapeAt(cursor: Cursor): string {
  const start = cursor.at
  const letter = String.fromCodePoint(cursor.text.codePointAt(start + 1) ?? 0)
  const plain = escapes.get(letter)
  if (plain !== undefined) {
    cursor.at += 2
    return plain
  }
  const length = digitsOf.get(letter)
  if (length === undefined) throw new SyntaxFault(start, letter === '\0' ? 'a double quote is not closed' : `there is no escape \`\\${letter}\``, hint)
  const digits = cursor.text.slice(start + 2, start + 2 + length)
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < length) {
    throw new SyntaxFault(start, `the escape \`\\${letter}\` needs ${length} hexadecimal digits`, hint)
  }
  const code = Number.parseInt(digits, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new SyntaxFault(start, `the escape \`\\${letter}${digits}\` stands for no character`)
  cursor.at += 2 + length
  return String.fromCodePoint(code)
}
