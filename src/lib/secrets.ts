import { Redactor } from './redactor.ts'

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
    let shown = text
    for (const redactor of this.held) shown = redactor.redact(shown)
    return shown
  }
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
