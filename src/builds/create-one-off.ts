import { encodeStoredBuild } from '../engine/stored-build.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { BuildScope } from '../model/build.ts'
import type { VarSourceConfig } from '../model/config.ts'
import type { Plan } from '../model/plan.ts'
import type { BuildPorts } from './ports.ts'

/** A plan that a client sent, and what it is about to use. */
export interface OneOff {
  readonly scope: BuildScope
  readonly plan: Plan
  /** Uploaded inputs, by the names that the plan gives them. */
  readonly artifacts: { readonly [name: string]: ArtifactRef }
  readonly varSources: readonly VarSourceConfig[]
  readonly createdBy: string
}

/** A build that begins at once; gives its id. What its plan must not do is found out when it begins. */
export const createOneOff = ({ builds, runtime, clock }: Pick<BuildPorts, 'builds' | 'runtime' | 'clock'>, { scope, plan, artifacts, varSources, createdBy }: OneOff): Promise<number> =>
  builds.createStarted({ kind: 'one-off', scope, createdBy }, encodeStoredBuild({ plan, artifacts, varSources, runtime }), clock.now())
