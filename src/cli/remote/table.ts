import { printable } from '../../lib/visible.ts'
import type { Colors } from '../colors.ts'

export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

/** Rows in columns, as wide as their widest cell. The head is for people: `head` is left out where the output is no terminal. */
export function table(head: readonly string[] | undefined, rows: readonly (readonly Cell[])[], colors: Colors): string[] {
  const all = [...(head === undefined ? [] : [head.map((text): Cell => ({ text, paint: colors.bold }))]), ...rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })))]
  const widths: number[] = []
  for (const row of all) for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, text.length)
  return all.map((row) =>
    row
      .map(({ text, paint = (plain: string) => plain }, at) => (at === row.length - 1 ? paint(text) : `${paint(text)}${' '.repeat((widths[at] ?? 0) - text.length)}`))
      .join('  ')
      .trimEnd(),
  )
}
