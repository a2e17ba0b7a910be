import type { JobConfig, PipelineConfig, StepConfig } from '../model/config.ts'
import type { Json, JsonObject } from '../model/json.ts'

const stepKeys = new Set(['try', 'on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'])

/** A config as its JSON on the wire, and as one would write it: the same without the `kind` of its steps. */
export function pipelineToJson(config: PipelineConfig): JsonObject {
  return { ...(config as JsonObject), ...(config.jobs !== undefined && { jobs: config.jobs.map(jobToJson) }) }
}

const jobToJson = (job: JobConfig): JsonObject => mapSteps({ ...job, plan: job.plan.map(stepToJson) })

function stepToJson({ kind, ...fields }: StepConfig): JsonObject {
  const step = mapSteps(fields)
  if (kind === 'do' && 'do' in fields) return { ...step, do: fields.do.map(stepToJson) }
  if (kind === 'in_parallel' && 'in_parallel' in fields) {
    return { ...step, in_parallel: { ...fields.in_parallel, steps: fields.in_parallel.steps.map(stepToJson) } }
  }
  return step
}

function mapSteps(fields: object): JsonObject {
  const entries = Object.entries(fields) as [string, Json | StepConfig][]
  return Object.fromEntries(entries.map(([key, value]) => [key, stepKeys.has(key) ? stepToJson(value as StepConfig) : (value as Json)]))
}
