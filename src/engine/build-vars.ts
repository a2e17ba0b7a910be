import { loadVars } from '../config/vars/var-options.ts'
import type { ClaimedBuild } from '../model/build.ts'
import type { Vars, VarScope } from '../model/var.ts'
import type { StoredBuild } from './stored-build.ts'

/** Values given with a build go before those of credential managers. They are secrets, except those that the build's user reveals. */
export function buildVars({ vars = {}, revealed = [] }: Pick<StoredBuild, 'vars' | 'revealed'>, credentials: Vars): Vars {
  const { lookup } = loadVars(vars)
  const shown = new Set(revealed)
  return {
    async get(reference) {
      const found = lookup(reference)
      if (found.kind === 'missing') return credentials.get(reference)
      return found.kind === 'found' ? { ...found, secret: !shown.has(reference.path) } : found
    },
  }
}

export const varScopeOf = ({ team, pipeline, instanceVars, job }: ClaimedBuild): VarScope => ({ team, ...(instanceVars !== undefined && { instanceVars }), ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }) })
