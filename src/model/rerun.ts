import type { Result } from './result.ts'

/** Makes a build that takes again what another build of its job took. db/ implements it. */
export interface RerunStore {
  /** A pending build `N.k`, where N is the original, also of a rerun. `no-inputs`: the original never got any. */
  rerun(buildId: number, createdBy: string, now: number): Promise<Result<number, 'no-build' | 'no-inputs'>>
}
