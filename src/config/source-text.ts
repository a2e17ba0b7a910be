import type { Finding, FindingKind, Severity } from './finding.ts'
import { formatPath, type Path } from './path.ts'

export interface Position {
  /** Both count from 1. */
  readonly line: number
  readonly column: number
}

export interface Remark {
  readonly severity?: Severity
  readonly kind: FindingKind
  readonly message: string
  /** Offset in the text. */
  readonly start: number
  readonly path?: Path | undefined
  readonly hint?: string | undefined
}

/** Of errors, and of warnings. Nobody reads more, and a hostile file could cause millions. */
const mostRemarks = 1000
const mostGuesses = 200

/** One file's text: turns offsets into lines and collects what there is to say about it. */
export class SourceText {
  readonly file: string
  /** The text itself, once it is known. */
  source = ''
  /** Offsets at which its lines start, found when they are first asked for. */
  #lineStarts: number[] | undefined
  readonly #findings: Finding[] = []
  #errors = 0
  #warnings = 0
  readonly #guesses = new Map<string, string | undefined>()

  constructor(file: string) {
    this.file = file
  }

  get findings(): readonly Finding[] {
    return this.#findings
  }

  get failed(): boolean {
    return this.#errors > 0
  }

  position(offset: number): Position {
    const starts = (this.#lineStarts ??= lineStarts(this.source))
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: Math.max(offset, 0) - (starts[low] ?? 0) + 1 }
  }

  /** Guessing what was meant takes time: the same guess is made once, and after some hundred none is. */
  guess(about: string, make: () => string | undefined): string | undefined {
    if (this.#guesses.size < mostGuesses && !this.#guesses.has(about)) this.#guesses.set(about, make())
    return this.#guesses.get(about)
  }

  add(remark: Remark): void {
    const severity = remark.severity ?? 'error'
    const count = severity === 'error' ? ++this.#errors : ++this.#warnings
    if (count > mostRemarks) return
    this.#findings.push({
      severity,
      kind: remark.kind,
      message: remark.message,
      file: this.file,
      ...this.position(remark.start),
      path: formatPath(remark.path),
      ...(remark.hint !== undefined && { hint: remark.hint }),
    })
  }
}

function lineStarts(source: string): number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
