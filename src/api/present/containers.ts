import type { z } from 'zod'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { EnterableContainer } from '../container-ports.ts'
import type { containerSchema } from '../schemas.ts'

export interface ListedContainer {
  readonly container: EnterableContainer
  readonly build: ListedBuild
}

/** Containers that run or are kept can be entered; fly takes those alone that are `created`. */
export const presentContainer = ({ container, build }: ListedContainer, workerName: string): z.input<typeof containerSchema> => ({
  id: container.handle,
  worker_name: workerName,
  state: 'created',
  type: container.type,
  ...(container.type === 'check' ? { resource_name: container.step } : { step_name: container.step }),
  ...(container.attempt !== undefined && { attempt: container.attempt }),
  ...(build.scope.pipelineId !== undefined && { pipeline_id: build.scope.pipelineId }),
  ...(build.scope.jobId !== undefined && { job_id: build.scope.jobId }),
  build_id: build.id,
  ...(build.pipeline !== undefined && { pipeline_name: build.pipeline }),
  ...(build.pipelineInstanceVars && { pipeline_instance_vars: build.pipelineInstanceVars }),
  ...(build.job !== undefined && { job_name: build.job }),
  build_name: build.name,
})
