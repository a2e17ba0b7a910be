import type { Result } from './result.ts'

/** Makes a build that takes again what another build of its job took. db/ implements it. */
export interface RerunStore {
  /** A pending build `N.k`, where N is the original, also of a rerun. `no-inputs`: the original never got any. */
  rerun(buildId: number, createdBy: string, now: number, reuse?: ReuseFrom): Promise<Result<number, 'no-build' | 'no-inputs'>>
}

/** Steps that a build need not run: it takes them as they ended in another build with the same plan. */
export interface ReuseFrom {
  readonly build: number
  /** The plan id of the step that it begins at. */
  readonly before: string
}
