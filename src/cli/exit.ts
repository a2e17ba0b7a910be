/** Exit statuses as fly has them; the command line's own errors are 2 too: nothing was run. */
export const exitStatus = { succeeded: 0, failed: 1, errored: 2, aborted: 3, usage: 2 } as const

/** Ends a command with words for the user and a status; main.ts prints it without a stack trace. */
export class CommandError extends Error {
  readonly status: number
  constructor(message: string, status: number = exitStatus.usage) {
    super(message)
    this.status = status
  }
}
