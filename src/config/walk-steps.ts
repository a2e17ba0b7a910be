import type { JobConfig, StepConfig } from '../model/config.ts'
import { under, type Path } from './path.ts'

const hooks = ['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'] as const

/**
 * The steps directly in a step: those of do, in_parallel and try, then its hooks; with the keys that lead to each.
 */
export function innerSteps(step: StepConfig, path: Path | undefined): { step: StepConfig; path: Path }[] {
  const at = (...keys: (string | number)[]): Path => keys.reduce<Path | undefined>(under, path) as Path
  const inner: { step: StepConfig; path: Path }[] = []
  if (step.kind === 'do') step.do.forEach((child, i) => inner.push({ step: child, path: at('do', i) }))
  else if (step.kind === 'in_parallel') step.in_parallel.steps.forEach((child, i) => inner.push({ step: child, path: at('in_parallel', 'steps', i) }))
  else if (step.kind === 'try') inner.push({ step: step.try, path: at('try') })
  inner.push(...hooksOf(step, path))
  return inner
}

function hooksOf(holder: { readonly [K in (typeof hooks)[number]]?: StepConfig }, path: Path | undefined): { step: StepConfig; path: Path }[] {
  return hooks.flatMap((hook) => {
    const step = holder[hook]
    return step === undefined ? [] : [{ step, path: under(path, hook) }]
  })
}

/** Every step of a job, hooks and steps inside of steps included, in the order of the plan. */
export function* stepsOfJob(job: JobConfig, path?: Path): Generator<{ step: StepConfig; path: Path }> {
  const plan = under(path, 'plan')
  const top = job.plan.map((step, i) => ({ step, path: under(plan, i) }))
  for (const { step, path: at } of [...top, ...hooksOf(job, path)]) yield* stepsWithin(step, at)
}

function* stepsWithin(step: StepConfig, path: Path): Generator<{ step: StepConfig; path: Path }> {
  yield { step, path }
  for (const inner of innerSteps(step, path)) yield* stepsWithin(inner.step, inner.path)
}

/** The resource that a get or put step is about. */
export function resourceOf(step: { readonly kind: 'get'; get: string; resource?: string } | { readonly kind: 'put'; put: string; resource?: string }): string {
  return step.resource ?? (step.kind === 'get' ? step.get : step.put)
}
