/**
 * The one range of bytes that a header Range asks for. Undefined: all of them, as where it asks for several, or for what is no range;
 * `outside`: there are no such bytes.
 */
export function rangeOf(header: string | undefined, size: number): { readonly from: number; readonly length: number } | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return Number(last) === 0 || size === 0 ? 'outside' : { from: Math.max(0, size - Number(last)), length: Math.min(size, Number(last)) }
  const from = Number(first)
  const until = last === '' ? size : Math.min(size, Number(last) + 1)
  if (last !== '' && Number(last) < from) return undefined
  return from >= size ? 'outside' : { from, length: until - from }
}
