import { buildLabel } from '../../app/intercept/kept-advice.ts'
import type { Target } from '../../intercept/gateway.ts'

/** What a user says of the container that they mean. */
export interface Wanted {
  readonly build?: { readonly instance?: number; readonly id: number }
  /** `JOB` or `PIPELINE/JOB`. */
  readonly job?: string
  readonly step?: string
  readonly stepType?: string
  readonly attempt?: string
  readonly handle?: string
}

export function matches(target: Target, { build, job, step, stepType, attempt, handle }: Wanted): boolean {
  return (
    (build === undefined || (build.id === target.buildId && build.instance === target.instance)) &&
    (job === undefined || job === target.job || job === `${target.pipeline ?? ''}/${target.job ?? ''}`) &&
    (step === undefined || step === target.step) &&
    (stepType === undefined || stepType === target.type) &&
    (attempt === undefined || attempt === target.attempt) &&
    (handle === undefined || handle === target.handle)
  )
}

/** By build, then by step: how choices are numbered. */
export function inOrder(a: Target, b: Target): number {
  return a.instance - b.instance || a.buildId - b.buildId || a.step.localeCompare(b.step, 'en') || (a.attempt ?? '').localeCompare(b.attempt ?? '', 'en') || a.handle.localeCompare(b.handle, 'en')
}

/** One line: `build 7, p/job, step unit (task, attempt 2), running   p-job-b7-task-1a2b3c4d`. */
export function describeTarget({ instance, buildId, pipeline, job, step, type, attempt, state, handle }: Target): string {
  const whose = [pipeline, job].filter((name) => name !== undefined).join('/')
  const what = attempt === undefined ? type : `${type}, attempt ${attempt}`
  return `build ${buildLabel(instance, buildId)}${whose && `, ${whose}`}, step ${step} (${what}), ${state}   ${handle}`
}

/** `7`, or `instance/7`, as `airside run --list` shows a build; undefined: it is none. */
export function parseBuild(text: string): Wanted['build'] | undefined {
  const parts = /^(?:(\d+)\/)?(\d+)$/.exec(text)
  return parts === null ? undefined : { id: Number(parts[2]), instance: Number(parts[1] ?? 0) }
}
