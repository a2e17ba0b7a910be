// eslint-disable-next-line no-control-regex -- taking them out is the point
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Text from a file made safe to print on one terminal line. */
export const printable = (text: string): string => text.replace(unprintable, '\ufffd')

/** A name or value from a file, as it stands in a message: in back-ticks, cut, on one line. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const cut = text.length > 80 ? `${text.slice(0, 77)}…` : text
  return `\`${printable(cut)}\``
}
