import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { fly } from './fly.ts'
import { pauseOrUnpauseJob, type JobNow } from './job-actions.ts'
import { pauseOrUnpausePipeline } from './pipeline-actions.ts'

/** Says why something is paused that is paused already. */
const giveReason = (pause: Action, reason: string): Action => ({ ...pause, label: 'Save', body: { reason }, fly: fly('curl', pause.path, '--', '-X', 'PUT', '-d', JSON.stringify({ reason })) })
export const givePipelineReason = (id: PipelineId, archived: boolean) => (reason: string): Action => giveReason(pauseOrUnpausePipeline({ id, paused: false, archived }), reason)
export const giveJobReason = (now: JobNow) => (reason: string): Action => giveReason(pauseOrUnpauseJob(now, false), reason)
