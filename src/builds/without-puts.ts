import { mapHooks, mapInnerSteps } from '../config/inner-steps.ts'
import { stepsOfJob } from '../config/walk-steps.ts'
import type { JobConfig, PutStepConfig, StepConfig } from '../model/config.ts'

export function putsOf(job: JobConfig): PutStepConfig[] {
  return [...stepsOfJob(job)].map(({ step }) => step).filter((step) => step.kind === 'put')
}

/** The job with the puts that `skip` names taken out (each is an empty `do`, so that its hooks still stand). */
export function withoutPuts(job: JobConfig, skip: (name: string) => boolean): JobConfig {
  const step = (config: StepConfig): StepConfig => {
    const mapped = mapInnerSteps(config, step) as StepConfig
    if (mapped.kind !== 'put' || !skip(mapped.put)) return mapped
    const { kind: _kind, put: _put, resource: _resource, params: _params, inputs: _inputs, get_params: _get, no_get: _no, tags: _tags, timeout: _timeout, ...modifiers } = mapped
    return { kind: 'do', do: [], ...modifiers }
  }
  return { ...job, ...mapHooks(job, step), plan: job.plan.map(step) }
}
