import { JobsByGlob } from '../config/validate/jobs-by-glob.ts'
import { resourceOf, stepsOfJob } from '../config/walk-steps.ts'
import type { JobConfig } from '../model/config.ts'
import type { WantedInput } from './ports.ts'

/** The gets of all jobs, wherever they stand: in hooks, try, across, in any nesting. Globs in `passed` become the jobs that they mean now. */
export function wantedInputs(jobs: readonly JobConfig[]): readonly WantedInput[] {
  const byGlob = new JobsByGlob(jobs)
  return jobs.flatMap((job) => {
    const inputs = new Map<string, WantedInput>()
    for (const { step } of stepsOfJob(job)) {
      if (step.kind !== 'get' || inputs.has(step.get)) continue
      const passed = (step.passed ?? []).flatMap((pattern) => byGlob.find(pattern, 'passed') ?? [])
      inputs.set(step.get, {
        job: job.name,
        name: step.get,
        resource: resourceOf(step),
        passed: [...new Set(passed.map(({ name }) => name))],
        trigger: step.trigger ?? false,
        every: step.version === 'every',
        ...(typeof step.version === 'object' && { pin: step.version }),
      })
    }
    return [...inputs.values()]
  })
}
