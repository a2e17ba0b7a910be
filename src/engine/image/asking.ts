import type { OnWait } from '../ports.ts'

/** A step that asks for its image. */
export interface Asking {
  readonly signal: AbortSignal
  /** A line for the step's log. */
  readonly note: (line: string) => void
  /** Told before each pause in front of a registry that fails for now. */
  readonly onWait: OnWait
}

/** Of a guess, which leaves no trace. */
export const silently = (signal: AbortSignal): Asking => ({ signal, note: () => undefined, onWait: () => undefined })
