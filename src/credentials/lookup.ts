import { traverse } from '../config/vars/lookup.ts'
import { formatReference } from '../config/vars/reference.ts'
import type { FoundVar, VarReference, VarScope } from '../model/var.ts'
import type { SecretManager } from './manager.ts'

/** Asks a manager for a var, at each of its paths; a fault at one of them ends the search, since the var may be there. */
export async function lookUp(manager: SecretManager, reference: VarReference, scope: VarScope): Promise<FoundVar> {
  for (const path of manager.paths(reference.path, scope)) {
    const found = await manager.get(path, scope)
    if (!found.ok) return { kind: 'failed', name: formatReference(reference), message: found.error.message }
    if (found.value !== undefined) return traverse(found.value.value, reference, { secret: true })
  }
  return { kind: 'missing' }
}
