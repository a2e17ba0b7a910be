/** Why a signal was aborted: the abort of the build, a timeout around the step, or a sibling's failure with fail_fast. */
export type Interruption = 'abort' | 'timeout' | 'fail-fast'

/** The reason of an aborted signal; an abort without a stated reason is the build's. */
export function interruptionOf(signal: AbortSignal): Interruption {
  const reason: unknown = signal.reason
  return reason === 'timeout' || reason === 'fail-fast' ? reason : 'abort'
}
