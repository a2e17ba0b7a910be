import { diffArrays } from 'diff/lib/diff/array.js'
import { blocksOf, type Block } from './blocks.ts'

/** A line of both configs or of one, with its numbers in them, from 1; or lines of both that are left out. */
export type DiffRow =
  | { readonly change: 'same'; readonly text: string; readonly before: number; readonly after: number }
  | { readonly change: 'removed'; readonly text: string; readonly before: number }
  | { readonly change: 'added'; readonly text: string; readonly after: number }
  | { readonly change: 'left-out'; readonly count: number }

/** A section or an item that is new, gone or other than before. */
export interface DiffPart {
  readonly title: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly rows: readonly DiffRow[]
}

export interface YamlDiff {
  readonly parts: readonly DiffPart[]
  readonly added: number
  readonly removed: number
  /** Nothing differs but the order of items, which changes nothing. */
  readonly onlyOrder: boolean
}

/** Lines of both that are shown before and after a change. */
const around = 3
/** Beyond so many changed lines an item is shown as taken away and added: the comparison takes time by their square. */
const mostEdits = 400
/** Of the squares of all items: some tens of milliseconds, whatever the configs are. */
const mostWork = 500_000

/** What is other in a config than in an earlier one, both as toYaml() writes them: item by item, so that one that was moved is no change. */
export function diffYaml(before: string, after: string): YamlDiff {
  const [old, now] = [blocksOf(before), blocksOf(after)]
  const left = { work: mostWork }
  const [oldByKey, nowByKey] = [new Map(old.map((block) => [block.key, block])), new Map(now.map((block) => [block.key, block]))]
  const parts = inOrder(old, now).flatMap((key) => partOf(oldByKey.get(key), nowByKey.get(key), left))
  const count = (change: DiffRow['change']): number => parts.reduce((sum, { rows }) => sum + rows.filter((row) => row.change === change).length, 0)
  return { parts, added: count('added'), removed: count('removed'), onlyOrder: parts.length === 0 && before !== after }
}

/** Keys of all blocks: what is gone stands behind what it stood behind. */
function inOrder(old: readonly Block[], now: readonly Block[]): readonly string[] {
  const there = new Set(now.map(({ key }) => key))
  const gone = new Map<string, string[]>()
  let last = ''
  for (const { key } of old) {
    if (there.has(key)) last = key
    else gone.set(last, [...(gone.get(last) ?? []), key])
  }
  return ['', ...now.map(({ key }) => key)].flatMap((key) => [...(key === '' ? [] : [key]), ...(gone.get(key) ?? [])])
}

function partOf(old: Block | undefined, now: Block | undefined, left: { work: number }): DiffPart[] {
  const block = now ?? old
  if (block === undefined) return []
  const title = block.name === undefined ? block.section : `${block.section}: ${block.name}`
  if (old === undefined || now === undefined) return [{ title, change: now === undefined ? 'removed' : 'added', rows: [...removedRows(old?.lines ?? [], old?.first ?? 0), ...addedRows(now?.lines ?? [], now?.first ?? 0)] }]
  const rows = rowsOf(old, now, left)
  return rows.every(({ change }) => change === 'same') ? [] : [{ title, change: 'changed', rows: withoutSame(rows) }]
}

const removedRows = (lines: readonly string[], first: number): DiffRow[] => lines.map((text, index) => ({ change: 'removed', text, before: first + index + 1 }))
const addedRows = (lines: readonly string[], first: number): DiffRow[] => lines.map((text, index) => ({ change: 'added', text, after: first + index + 1 }))

function rowsOf(old: Block, now: Block, left: { work: number }): DiffRow[] {
  const most = Math.min(mostEdits, Math.floor(Math.sqrt(left.work)))
  const parts = diffArrays([...old.lines], [...now.lines], { maxEditLength: most })
  if (parts === undefined) {
    left.work -= most ** 2
    return [...removedRows(old.lines, old.first), ...addedRows(now.lines, now.first)]
  }
  left.work -= parts.reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0) ** 2
  let [before, after] = [old.first, now.first]
  return parts.flatMap(({ added, removed, value }) => {
    if (removed) return removedRows(value, (before += value.length) - value.length)
    if (added) return addedRows(value, (after += value.length) - value.length)
    return value.map((text): DiffRow => ({ change: 'same', text, before: ++before, after: ++after }))
  })
}

/** Leaves out lines that are far from every change. */
function withoutSame(rows: readonly DiffRow[]): DiffRow[] {
  const near = new Set(rows.flatMap(({ change }, at) => (change === 'same' ? [] : Array.from({ length: 2 * around + 1 }, (_, index) => at - around + index))))
  const shown: DiffRow[] = []
  let far: DiffRow[] = []
  const end = (): void => {
    // One line takes no more room than what says that it is left out.
    shown.push(...(far.length <= 1 ? far : [{ change: 'left-out', count: far.length } as const]))
    far = []
  }
  for (const [at, row] of rows.entries()) {
    if (!near.has(at)) far.push(row)
    else {
      end()
      shown.push(row)
    }
  }
  end()
  return shown
}
