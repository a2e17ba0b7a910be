import type { JobConfig, PipelineConfig, StepConfig } from '../model/config.ts'
import type { JsonObject } from '../model/json.ts'
import { mapHooks, mapInnerSteps } from './inner-steps.ts'

/** A config as its JSON on the wire, and as one would write it: the same without the `kind` of its steps. */
export function pipelineToJson(config: PipelineConfig): JsonObject {
  return { ...(config as JsonObject), ...(config.jobs !== undefined && { jobs: config.jobs.map(jobToJson) }) }
}

const jobToJson = (job: JobConfig): JsonObject => ({ ...(job as object as JsonObject), ...mapHooks(job, stepToJson), plan: job.plan.map(stepToJson) })

function stepToJson(step: StepConfig): JsonObject {
  const { kind: _kind, ...fields } = mapInnerSteps(step, stepToJson) as JsonObject
  return fields
}
