import type { ArtifactRef } from '../model/artifact.ts'
import type { PlanId } from '../model/plan.ts'
import type { Version } from '../model/version.ts'
import type { RunState } from './ports.ts'

/** In memory: after a restart it is filled again by the finished steps, as they are run over (StepPorts.recall). */
export function createRunState(parent?: RunState): RunState {
  const own = new Map<string, ArtifactRef>()
  const versions = new Map<PlanId, Version>()
  const state: RunState = {
    artifact: (name) => own.get(name) ?? parent?.artifact(name),
    artifacts: () => new Map([...(parent?.artifacts() ?? []), ...own]),
    registerArtifact: (name, artifact) => void own.set(name, artifact),
    version: (planId) => versions.get(planId) ?? parent?.version(planId),
    storeVersion: (planId, version) => void versions.set(planId, version),
    scope: () => createRunState(state),
  }
  return state
}
