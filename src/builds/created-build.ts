import { decodeStoredBuild } from '../engine/stored-build.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { BuildPorts, CreatedBuild } from './ports.ts'

export type CreatedBuildError =
  /** There is no such build, or it has no plan yet. */
  | { readonly kind: 'no-plan' }
  /** `message`: what is wrong in what is stored of it. */
  | { readonly kind: 'unreadable'; readonly message: string }

/** A build that was created earlier, with its plan. */
export async function createdBuild({ builds }: { readonly builds: Pick<BuildPorts['builds'], 'get'> }, buildId: number): Promise<Result<CreatedBuild, CreatedBuildError>> {
  const context = (await builds.get(buildId))?.context
  if (context === undefined) return fail({ kind: 'no-plan' })
  const stored = decodeStoredBuild(context)
  return stored.ok ? ok({ buildId, plan: stored.value.plan }) : fail({ kind: 'unreadable', message: stored.error })
}
