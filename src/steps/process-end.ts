import type { ContainerOutcome } from './ports.ts'

/** What a process's end means to its step. `note` is a line for the log. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly status: number; readonly note?: string }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'errored'; readonly message: string }

const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15,
}

/** Exit status of the shells' convention for a death by signal: 128 + its number. */
export const statusOfSignal = (signal: string): number => 128 + (signalNumbers[signal.replace(/^SIG/, '')] ?? 9)

const oomNote = 'killed: out of memory (raise container_limits.memory, or use less)'

export function processEnd(container: ContainerOutcome): ProcessEnd {
  if (container.aborted) return { kind: 'interrupted' }
  if (container.timedOut) return { kind: 'timed-out' }
  const { outcome } = container
  switch (outcome.kind) {
    case 'exited':
      return { kind: 'exit', status: outcome.status }
    case 'signaled':
      return { kind: 'exit', status: statusOfSignal(outcome.signal), note: outcome.oom ? oomNote : `killed by signal ${outcome.signal}` }
    case 'killed':
      return outcome.oom ? { kind: 'exit', status: statusOfSignal('KILL'), note: oomNote } : { kind: 'errored', message: outcome.message }
    case 'error':
      return { kind: 'errored', message: outcome.message }
    case 'never-started':
      return { kind: 'errored', message: 'the process was never started' }
  }
}
