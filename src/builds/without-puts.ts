import { stepsOfJob } from '../config/walk-steps.ts'
import type { JobConfig, PutStepConfig, StepConfig, StepModifiers } from '../model/config.ts'

export function putsOf(job: JobConfig): PutStepConfig[] {
  return [...stepsOfJob(job)].map(({ step }) => step).filter((step) => step.kind === 'put')
}

/** The job with the puts that `skip` names taken out (each is an empty `do`, so that its hooks still stand). */
export function withoutPuts(job: JobConfig, skip: (name: string) => boolean): JobConfig {
  const step = (config: StepConfig): StepConfig => {
    const hooked = { ...config, ...hooks(config) }
    switch (hooked.kind) {
      case 'put': {
        if (!skip(hooked.put)) return hooked
        const { kind: _kind, put: _put, resource: _resource, params: _params, inputs: _inputs, get_params: _get, no_get: _no, tags: _tags, timeout: _timeout, ...modifiers } = hooked
        return { kind: 'do', do: [], ...modifiers }
      }
      case 'do':
        return { ...hooked, do: hooked.do.map(step) }
      case 'in_parallel':
        return { ...hooked, in_parallel: { ...hooked.in_parallel, steps: hooked.in_parallel.steps.map(step) } }
      case 'try':
        return { ...hooked, try: step(hooked.try) }
      case 'get':
      case 'task':
      case 'run':
      case 'set_pipeline':
      case 'load_var':
        return hooked
    }
  }
  const hooks = (of: Pick<StepModifiers, 'on_success' | 'on_failure' | 'on_abort' | 'on_error' | 'ensure'>) => ({
    ...(of.on_success && { on_success: step(of.on_success) }),
    ...(of.on_failure && { on_failure: step(of.on_failure) }),
    ...(of.on_abort && { on_abort: step(of.on_abort) }),
    ...(of.on_error && { on_error: step(of.on_error) }),
    ...(of.ensure && { ensure: step(of.ensure) }),
  })
  return { ...job, ...hooks(job), plan: job.plan.map(step) }
}
