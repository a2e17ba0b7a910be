import type { ArtifactRef } from '../model/artifact.ts'
import type { PlanId } from '../model/plan.ts'
import type { LocalVar } from '../model/var.ts'
import type { Version } from '../model/version.ts'
import type { RegisteredImage, RunState } from './ports.ts'

/** What a name stands for; a later one replaces an earlier one. */
type Entry = { readonly artifact: ArtifactRef; readonly image?: never } | { readonly artifact?: never; readonly image: RegisteredImage }

/** In memory; after a restart finished steps fill it again from their records (StepPorts.recall). */
export function createRunState(parent?: RunState): RunState {
  const own = new Map<string, Entry>()
  const versions = new Map<PlanId, Version>()
  const localVars = new Map<string, LocalVar>()
  const filesOf = (entry: Entry): ArtifactRef | undefined => entry.artifact ?? entry.image?.files
  const state: RunState = {
    artifact(name) {
      const entry = own.get(name)
      return entry === undefined ? parent?.artifact(name) : filesOf(entry)
    },
    image(name) {
      const entry = own.get(name)
      return entry === undefined ? parent?.image(name) : entry.image
    },
    names: () => new Set([...(parent?.names() ?? []), ...own.keys()]),
    registerArtifact: (name, artifact) => void own.set(name, { artifact }),
    registerImage: (name, image) => void own.set(name, { image }),
    version: (planId) => versions.get(planId) ?? parent?.version(planId),
    storeVersion: (planId, version) => void versions.set(planId, version),
    localVar: (name) => localVars.get(name) ?? parent?.localVar(name),
    addLocalVar: (name, value) => void localVars.set(name, value),
    scope: () => createRunState(state),
  }
  return state
}
