/** A stretch of lines that can be folded to its first. Ends are exclusive; an open one has none yet. */
export interface Fold {
  readonly start: number
  end?: number
  readonly title: string
  /** Characters before the title in its line, which are not shown. */
  readonly mark: number
  /** As the log asks for: folded until somebody opens it. */
  readonly collapsed: boolean
}

const maxFolds = 10_000
const maxDepth = 32
const longestTitle = 400

interface Open {
  readonly kind: 'group' | 'section'
  readonly name: string
  readonly fold: Fold
}

/** Reads the marks that programs of GitHub (`::group::`) and GitLab (`section_start:`) print. */
export class Folds {
  readonly all: Fold[] = []
  readonly #starts = new Map<number, Fold>()
  /** Lengths of marks that end a group, by their lines. */
  readonly #ends = new Map<number, number>()
  readonly #open: Open[] = []
  /** A section whose mark the next end of a line gives a title. */
  #untitled: { readonly name: string; readonly collapsed: boolean } | undefined

  startingAt(row: number): Fold | undefined {
    return this.#starts.get(row)
  }

  /** How many characters at the beginning of a line are a mark, which is not shown. */
  markOf(row: number): number {
    return this.#starts.get(row)?.mark ?? this.#ends.get(row) ?? 0
  }

  /** A carriage return follows `text`: marks of sections are overwritten by what comes next. */
  returned(row: number, text: string): void {
    if (!text.startsWith('section_')) return
    const start = /^section_start:\d{1,20}:([\w.-]{1,200})(\[[^\]]{0,100}\])?$/.exec(text)
    if (start !== null) this.#untitled = { name: start[1] ?? '', collapsed: (start[2] ?? '').includes('collapsed=true') }
    const end = /^section_end:\d{1,20}:([\w.-]{1,200})$/.exec(text)
    if (end !== null) this.#close('section', end[1] ?? '', row)
  }

  /** A line is complete. */
  ended(row: number, text: string): void {
    if (this.#untitled !== undefined) {
      this.#begin({ kind: 'section', name: this.#untitled.name, fold: { start: row, title: text.slice(0, longestTitle), mark: 0, collapsed: this.#untitled.collapsed } })
      this.#untitled = undefined
    }
    const mark = /^(?:::|##\[)(group|endgroup)(?:::|\])(.*)$/.exec(text.slice(0, longestTitle))
    if (mark?.[1] === 'group') this.#begin({ kind: 'group', name: '', fold: { start: row, title: mark[2] ?? '', mark: mark[0].length - (mark[2] ?? '').length, collapsed: false } })
    else if (mark?.[1] === 'endgroup' && this.#close('group', '', row + 1)) this.#ends.set(row, mark[0].length - (mark[2] ?? '').length)
  }

  #begin(open: Open): void {
    if (this.all.length >= maxFolds || this.#open.length >= maxDepth) return
    this.all.push(open.fold)
    this.#starts.set(open.fold.start, open.fold)
    this.#open.push(open)
  }

  /** Ends the innermost of that name, and with it what stands open inside; false: none is open. */
  #close(kind: Open['kind'], name: string, end: number): boolean {
    const at = this.#open.findLastIndex((open) => open.kind === kind && open.name === name)
    if (at < 0) return false
    for (const { fold } of this.#open.splice(at)) fold.end = end
    return true
  }
}

/** Lines that are not shown while `closed` folds are: stretches that do not touch, in order. A fold's first line stays. */
export function hiddenBy(folds: readonly Fold[], closed: ReadonlySet<number>, length: number): readonly (readonly [number, number])[] {
  const hidden: [number, number][] = []
  for (const { start, end = length } of folds) {
    if (!closed.has(start) || end <= start + 1) continue
    const last = hidden.at(-1)
    if (last !== undefined && start + 1 <= last[1]) last[1] = Math.max(last[1], end)
    else hidden.push([start + 1, end])
  }
  return hidden
}
