import type { ArtifactDigest } from '../model/artifact.ts'
import type { BuildRegistry, BuildStore } from '../engine/ports.ts'
import { reusableSteps, reusedWrite, titleOf, type ReusedStep } from '../engine/reuse.ts'
import { decodeStoredBuild } from '../engine/stored-build.ts'
import type { BuildWrites } from '../model/build.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReuseFrom } from '../model/rerun.ts'
import { fail, ok, type Result } from '../model/result.ts'

export interface ReusePorts {
  readonly builds: Pick<BuildRegistry, 'get'> & Pick<BuildStore, 'steps'>
  readonly artifacts: { has(digest: ArtifactDigest): Promise<number | undefined> }
}

/** What a build begins with that takes the steps before one as they ended in another build. */
export interface ReusedBuild {
  /** Of the other build: both have one plan. */
  readonly context: JsonObject
  /** From which the plan was made. */
  readonly configVersion?: number
  readonly steps: NonNullable<BuildWrites['steps']>
}

/** The error says why no build can begin at that step now. */
export async function reusedBuild({ builds, artifacts }: ReusePorts, { build: id, before }: ReuseFrom): Promise<Result<ReusedBuild, string>> {
  const build = await builds.get(id)
  if (build === undefined) return fail(`build ${id} is not there any more`)
  const refused = (why: string) => fail(`build #${build.name} cannot be run again from that step: ${why}`)
  if (build.endedAt === undefined) return refused('it has not ended')
  const stored = build.context && decodeStoredBuild(build.context)
  if (build.context === undefined || stored?.ok !== true) return refused('its log is not kept any more, and its steps with it; run all of it again')
  const steps = reusableSteps(stored.value.plan, await builds.steps(id), before)
  if (!steps.ok) return refused(steps.error)
  const gone = await withoutArtifacts(steps.value, artifacts)
  if (gone.length > 0) return refused(`what ${gone.map(({ plan }) => titleOf(plan)).join(', ')} stored is not kept any more; run all of it again`)
  return ok({ context: build.context, ...(build.configVersion !== undefined && { configVersion: build.configVersion }), steps: steps.value.map((step) => reusedWrite(step, build.name)) })
}

async function withoutArtifacts(steps: readonly ReusedStep[], artifacts: ReusePorts['artifacts']): Promise<readonly ReusedStep[]> {
  const there = new Map<ArtifactDigest, boolean>()
  const gone: ReusedStep[] = []
  for (const step of steps) {
    const stored = step.record.phase === 'finished' ? Object.values(step.record.finished.artifacts) : []
    for (const { digest } of stored) if (!there.has(digest)) there.set(digest, (await artifacts.has(digest)) !== undefined)
    if (stored.some(({ digest }) => there.get(digest) === false)) gone.push(step)
  }
  return gone
}
