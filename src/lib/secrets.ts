import { Redactor, withoutSpans, type Span } from './redactor.ts'

/**
 * Secrets that this process knows now: those of the builds that it runs, and of its own options. What it says outside of a build's
 * record, on a terminal or in its own log, goes through here, whatever failed.
 */
export class Secrets {
  private readonly held = new Set<Redactor>()

  /** Until the function that is given back is called. The redactor may learn more meanwhile. */
  hold(redactor: Redactor): () => void {
    this.held.add(redactor)
    return () => void this.held.delete(redactor)
  }

  /** For as long as the process lives. */
  keep(secrets: Iterable<string>): void {
    const redactor = new Redactor()
    redactor.add(secrets)
    this.held.add(redactor)
  }

  redact(text: string): string {
    // Not one redactor after the other: a secret of one may be a part of another's, whose rest would be shown.
    return withoutSpans(text, united([...this.held].flatMap((redactor) => redactor.secretsIn(text))))
  }
}

/** In order; those that overlap are one. */
function united(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const before = found.at(-1)
    if (before !== undefined && start < before.end) found.splice(-1, 1, { start: before.start, end: Math.max(before.end, end) })
    else found.push({ start, end })
  }
  return found
}

/** Takes secrets out of the words, the stack and the causes of what was thrown, for whoever shows it later. */
export function redactError(redactor: Redactor, thrown: unknown): unknown {
  if (typeof thrown === 'string') return redactor.redact(thrown)
  for (let error = thrown, depth = 0; error instanceof Error && depth < 10; error = error.cause, depth += 1) {
    const { stack } = error
    error.message = redactor.redact(error.message)
    if (stack !== undefined) error.stack = redactor.redact(stack)
  }
  return thrown
}
