/** What Concourse's YAML reader (YAML 1.1 without base 60, dates as text) makes of a plain scalar. */
export type PlainValue = null | boolean | number | string

const words: ReadonlyMap<string, null | boolean> = new Map([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

export function plainScalar(text: string): PlainValue {
  const word = words.get(text)
  if (word !== undefined) return word
  if (notFinite.test(text)) return text.toLowerCase().endsWith('nan') ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity
  if (!/^[-+.\d]/.test(text)) return text
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  const found = integer.exec(digits)
  if (found !== null) {
    const [, sign, hex, binary, octal, decimal] = found
    const size = hex !== undefined ? Number(`0x${hex}`) : binary !== undefined ? Number(`0b${binary}`) : octal !== undefined ? Number(`0o${octal}`) : Number(decimal)
    if (Number.isFinite(size)) return sign === '-' ? 0 - size : size
  }
  if (float.test(digits)) {
    const value = Number(digits)
    if (Number.isFinite(value)) return value
  }
  return text
}
