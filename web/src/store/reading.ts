let unanswered = 0

/** Whether the page waits for something that it reads, and may grow by. */
export const isReading = (): boolean => unanswered > 0

/** Counts something that is asked for; what it returns is called when the answer is there, or is not wanted any more. */
export function beginReading(): () => void {
  unanswered++
  let ended = false
  return () => {
    if (ended) return
    ended = true
    unanswered--
  }
}
