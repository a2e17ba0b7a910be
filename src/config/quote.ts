import { printable } from '../lib/visible.ts'

/** A name or value from a file, as it stands in a message: in back-ticks, cut, on one line. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  const cut = text.length > 80 ? `${text.slice(0, 77)}…` : text
  return `\`${printable(cut)}\``
}
