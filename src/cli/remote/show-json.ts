import type { Flag } from '../settings/setting.ts'
import { onOff } from '../settings/types.ts'
import { terminal } from '../terminal.ts'
import { colorsFor } from '../colors.ts'
import { table, type Cell } from './table.ts'

export const jsonFlag = { json: { type: onOff, summary: 'print JSON, as the API answers it' } } as const satisfies Readonly<Record<string, Flag>>

export interface Listing<T> {
  readonly json: boolean
  readonly items: readonly T[]
  readonly head: readonly string[]
  readonly row: (item: T) => readonly Cell[]
}

/** A list as a table, or as JSON. */
export function showList<T>({ json, items, head, row }: Listing<T>): void {
  if (json) return terminal.line(JSON.stringify(items, null, 2))
  const isTerminal = process.stdout.isTTY === true
  // `terminal.log` keeps colours; the table has made the texts safe.
  for (const line of table(isTerminal ? head : undefined, items.map(row), colorsFor(process.stdout))) terminal.log(`${line}\n`)
}
