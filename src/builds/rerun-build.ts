import type { JobConfig } from '../model/config.ts'
import type { RerunStore } from '../model/rerun.ts'
import { fail, type Result } from '../model/result.ts'

export interface BuildToRerun {
  readonly buildId: number
  /** As the pipeline's config has it now; absent: it has the job no more. */
  readonly job: Pick<JobConfig, 'disable_reruns'> | undefined
  readonly by: string
}

/** `disabled`: the job's config has `disable_reruns`. `no-inputs`: the build never got any, so there is nothing to take again. */
export type RerunError = { readonly kind: 'no-build' } | { readonly kind: 'no-inputs' } | { readonly kind: 'disabled' }

/** Runs a build again with the versions that it had (B5); gives the id of the new build. */
export async function rerunBuild(store: RerunStore, { buildId, job, by }: BuildToRerun, now: number): Promise<Result<number, RerunError>> {
  if (job?.disable_reruns === true) return fail({ kind: 'disabled' })
  const made = await store.rerun(buildId, by, now)
  return made.ok ? made : fail({ kind: made.error })
}
