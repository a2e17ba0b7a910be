import type { BuildEvent } from '../../model/event.ts'

/**
 * fly's exit status for a build's events: each finish-task sets it, and a final status other than succeeded replaces it where
 * it is still 0.
 */
export class ExitCode {
  value = 0

  take(event: BuildEvent): void {
    if (event.type === 'finish-task') this.value = event.data.exit_status
    if (event.type === 'status' && this.value === 0) {
      this.value = { started: 0, succeeded: 0, failed: 1, errored: 2, aborted: 3 }[event.data.status]
    }
  }
}
