import type { BuildEvent, FinalStatus } from './event.ts'

/** The event with which a build ends, with the key that makes it unique. `time`: unix seconds. The SQL function append_final_status makes the same. */
export const finalStatus = (status: FinalStatus, time: number): { readonly event: BuildEvent; readonly key: string } => ({
  event: { type: 'status', data: { status, time } },
  key: 'status:final',
})
