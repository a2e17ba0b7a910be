import { TextPatterns } from './text-patterns.ts'

/** What stands in a log for a secret (Concourse uses the same). */
export const redacted = '((redacted))'

/** A longer line of a secret is redacted in pieces, so that no more than this is held back from a log. A variable holds 128 KiB. */
const longestPiece = 1024 * 1024

/**
 * Takes secrets out of texts: each line of them that is longer than one character, as it is and as it looks inside JSON, once and
 * twice. Secrets that overlap in a text are one; none of their characters is shown.
 */
export class Redactor {
  private readonly lines = new Set<string>()
  /** Made when it is needed, since many lines are added at once. */
  private patterns: TextPatterns | undefined
  private fresh: string[] = []

  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      const known = this.lines.size
      for (const line of secret.split(/\r?\n/)) {
        // Half of a surrogate pair cannot be written as UTF-8: this is what becomes of it.
        const text = line.trim().toWellFormed()
        if (text.length <= 1) continue
        const inJson = jsonOf(text)
        for (const form of [text, inJson, jsonOf(inJson)]) for (const piece of pieces(form)) this.addLine(piece)
      }
      if (this.lines.size > known) this.fresh.push(secret)
    }
  }

  /** The secrets that were added since the last time, without those that change nothing. */
  takeNew(): readonly string[] {
    const { fresh } = this
    this.fresh = []
    return fresh
  }

  redact(text: string): string {
    return withoutSpans(text, this.secretsIn(text))
  }

  /** Where secrets stand in the text, in order; those that overlap are one. */
  secretsIn(text: string): readonly Span[] {
    return this.lines.size === 0 ? [] : this.look(text).hidden
  }

  /**
   * How much of `text` may be shown before its rest has come: up to where a secret could begin that has not ended yet, and not into
   * the middle of one that has.
   */
  safeLength(text: string): number {
    if (this.lines.size === 0) return text.length
    const { hidden, heldBack } = this.look(text)
    const safe = text.length - heldBack
    return hidden.find(({ start, end }) => start < safe && end > safe)?.start ?? safe
  }

  private look(text: string): { readonly hidden: readonly Span[]; readonly heldBack: number } {
    this.patterns ??= new TextPatterns(this.lines)
    const hidden: Span[] = []
    const last = this.patterns.search(text, (from, end) => {
      let start = from
      for (let before = hidden.at(-1); before !== undefined && before.end > start; before = hidden.at(-1)) {
        start = Math.min(start, before.start)
        hidden.pop()
      }
      hidden.push({ start, end })
    })
    return { hidden, heldBack: this.patterns.unended(last) }
  }

  private addLine(line: string): void {
    if (this.lines.has(line)) return
    this.lines.add(line)
    this.patterns = undefined
  }
}

export interface Span {
  readonly start: number
  readonly end: number
}

/** The text with what stands for a secret in the place of each span. `spans`: in order, none overlaps the next. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  let shown = ''
  let from = 0
  for (const { start, end } of spans) {
    shown += text.slice(from, start) + redacted
    from = end
  }
  return shown + text.slice(from)
}

const jsonOf = (text: string): string => JSON.stringify(text).slice(1, -1)

/** The last piece overlaps the one before it, since a piece of one character would not be hidden. */
function* pieces(line: string): Generator<string> {
  let start = 0
  for (; line.length - start > longestPiece; start = characterStart(line, start + longestPiece)) yield line.slice(start, characterStart(line, start + longestPiece))
  yield line.slice(characterStart(line, start === 0 ? 0 : line.length - longestPiece))
}

/** Where the character begins that has the UTF-16 unit at `at`. */
const characterStart = (line: string, at: number): number => ((line.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at)
