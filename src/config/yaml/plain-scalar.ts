/** What Concourse's YAML reader (YAML 1.1 without base 60, dates as text) makes of a plain scalar; `bigint` for whole numbers that a double cannot hold. */
export type PlainValue = null | boolean | number | bigint | string

const words: ReadonlyMap<string, null | boolean> = new Map([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
/** One that starts with a point may have `_` between digits only. */
const pointFloat = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/

const least = -(2n ** 63n)
const most = 2n ** 64n - 1n

export function plainScalar(text: string): PlainValue {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return text
  if (notFinite.test(text)) return text.toLowerCase().endsWith('nan') ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity
  const digits = text.replaceAll('_', '')
  if (text.startsWith('.')) return pointFloat.test(text) ? finite(digits, text) : text
  const size = wholeNumber(digits)
  if (size !== undefined) return size
  return float.test(digits) ? finite(digits, text) : text
}

const finite = (digits: string, text: string): number | string => (Number.isFinite(Number(digits)) ? Number(digits) : text)

/** Undefined for what is no whole number, or one that 64 bits cannot hold. */
function wholeNumber(digits: string): number | bigint | undefined {
  const found = integer.exec(digits)
  if (found === null || digits.length > 80) return undefined
  const [, sign, hex, binary, octal, decimal] = found
  const written = hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : (decimal ?? '')
  const small = Number(written)
  if (Number.isSafeInteger(small)) return sign === '-' ? 0 - small : small
  const exact = sign === '-' ? -BigInt(written) : BigInt(written)
  // A sign before a number above 2^63 makes Go read it as a fraction.
  if (exact < least || exact > (sign === '' ? most : 2n ** 63n - 1n)) return undefined
  return exact
}
