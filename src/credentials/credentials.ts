import type { Credentials } from '../engine/ports.ts'
import type { Vars } from '../model/var.ts'
import { makeManager } from './make-manager.ts'
import { VarSources } from './var-sources.ts'

const none: Vars = { get: () => Promise.resolve({ kind: 'missing' }) }

/** Answers for the var sources of pipelines. */
export function createCredentials(): Credentials {
  return {
    varsOf: (scope, sources) => new VarSources({ sources, scope, others: none, managerOf: makeManager }),
  }
}
