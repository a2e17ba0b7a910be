import type { JobConfig, StepConfig } from '../model/config.ts'
import { hooksOf, innerSteps, type InnerStep } from './inner-steps.ts'
import { under, type Path } from './path.ts'

/** A step and its place in the config. */
interface PlacedStep {
  readonly step: StepConfig
  readonly path: Path
}

/** Every step of a job, hooks and steps inside of steps included, in the order of the plan. */
export function* stepsOfJob(job: JobConfig, path?: Path): Generator<PlacedStep> {
  const top = job.plan.map((step, i): InnerStep => ({ step, keys: ['plan', i] }))
  for (const inner of [...top, ...hooksOf(job)]) yield* stepsWithin(placed(inner, path))
}

function* stepsWithin(outer: PlacedStep): Generator<PlacedStep> {
  yield outer
  for (const inner of innerSteps(outer.step)) yield* stepsWithin(placed(inner, outer.path))
}

const placed = ({ step, keys }: InnerStep, path: Path | undefined): PlacedStep => ({ step, path: keys.reduce<Path | undefined>(under, path) as Path })

/** The resource that a get or put step is about. */
export function resourceOf(step: { readonly kind: 'get'; get: string; resource?: string } | { readonly kind: 'put'; put: string; resource?: string }): string {
  return step.resource ?? (step.kind === 'get' ? step.get : step.put)
}
