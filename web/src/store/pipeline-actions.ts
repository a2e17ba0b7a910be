import { apiPath } from './paths.ts'
import type { PipelineId } from '../routes/route.ts'
import type { Action } from './action.ts'
import { fly, flyPipeline } from './fly.ts'

interface PipelineNow {
  readonly id: PipelineId
  readonly paused: boolean
  readonly archived: boolean
}

const archivedText = 'The pipeline is archived: set it again with fly set-pipeline'
export const impossibleIf = (archived: boolean): Pick<Action, 'impossible'> => (archived ? { impossible: archivedText } : {})

export function pauseOrUnpausePipeline({ id, paused, archived }: PipelineNow): Action {
  const verb = paused ? 'unpause' : 'pause'
  return {
    label: paused ? 'Unpause' : 'Pause',
    team: id.team,
    route: paused ? 'UnpausePipeline' : 'PausePipeline',
    role: 'pipeline-operator',
    method: 'PUT',
    path: apiPath(id, [verb]),
    fly: fly(`${verb}-pipeline`, '-p', flyPipeline(id)),
    ...impossibleIf(archived),
  }
}
