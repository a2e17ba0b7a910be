/** What stands in a log for a secret (Concourse uses the same). */
const redacted = '((redacted))'

/**
 * Replaces interpolated secrets: each line of them that is longer than one character, as it is and as it looks inside JSON.
 * Shared by all steps of a build; it grows as vars are resolved.
 */
export class Redactor {
  private readonly lines = new Set<string>()
  /** Made when it is needed, since many lines are added at once. */
  private pattern: RegExp | undefined

  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      for (const line of secret.split(/\r?\n/)) {
        const text = line.trim()
        if (text.length <= 1) continue
        this.addLine(text)
        this.addLine(JSON.stringify(text).slice(1, -1))
      }
    }
  }

  redact(text: string): string {
    if (this.lines.size === 0) return text
    this.pattern ??= patternOf(this.lines)
    return text.replace(this.pattern, redacted)
  }

  /**
   * How much of `text` may be shown before its rest has come: up to where a secret could begin that has not ended yet,
   * and not into the middle of one that has.
   */
  safeLength(text: string): number {
    const safe = text.length - this.heldBack(text)
    if (safe === text.length) return safe
    this.pattern ??= patternOf(this.lines)
    for (const match of text.matchAll(this.pattern)) {
      if (match.index < safe && match.index + match[0].length > safe) return match.index
    }
    return safe
  }

  /** How many characters at the end of `text` could be the beginning of a secret whose rest is still to come. */
  private heldBack(text: string): number {
    let longest = 0
    for (const line of this.lines) {
      for (let length = Math.min(line.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(line.slice(0, length))) longest = length
      }
    }
    return longest
  }

  private addLine(line: string): void {
    if (this.lines.has(line)) return
    this.lines.add(line)
    this.pattern = undefined
  }
}

function patternOf(lines: ReadonlySet<string>): RegExp {
  const longestFirst = [...lines].toSorted((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
}
