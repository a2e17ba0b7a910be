/** What stands in a log for a secret (Concourse uses the same). */
export const redacted = '((redacted))'

/**
 * Replaces interpolated secrets: each line of them that is longer than one character, as it is and as it looks inside JSON.
 * Shared by all steps of a build; it grows as vars are resolved.
 */
export class Redactor {
  private readonly lines = new Set<string>()
  private pattern: RegExp | undefined

  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      for (const line of secret.split(/\r?\n/)) {
        this.addLine(line)
        this.addLine(JSON.stringify(line).slice(1, -1))
      }
    }
  }

  redact(text: string): string {
    return this.pattern === undefined ? text : text.replace(this.pattern, redacted)
  }

  /** How many characters at the end of `text` could be the beginning of a secret whose rest is still to come. */
  heldBack(text: string): number {
    let longest = 0
    for (const line of this.lines) {
      for (let length = Math.min(line.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(line.slice(0, length))) longest = length
      }
    }
    return longest
  }

  private addLine(line: string): void {
    if (line.length <= 1 || this.lines.has(line)) return
    this.lines.add(line)
    const longestFirst = [...this.lines].toSorted((a, b) => b.length - a.length)
    this.pattern = new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
  }
}
