import type { FoundVar, VarReference, Vars } from '../../model/var.ts'
import type { Lookup } from './lookup.ts'
import { formatReference } from './reference.ts'

const missing: FoundVar = { kind: 'missing' }

/**
 * Lets a pure reader of vars use values that have to be fetched: `read` is called with what is known; what it looks up and is not known
 * is fetched, all at once, and it is called again. So `read` must look up the same vars each time, and have no effects.
 */
export async function withVars<T>(vars: Vars, read: (lookup: Lookup) => T): Promise<T> {
  const known = new Map<string, FoundVar>()
  for (;;) {
    const wanted = new Map<string, VarReference>()
    const result = read((reference) => {
      const name = formatReference(reference)
      const found = known.get(name)
      if (found === undefined) wanted.set(name, reference)
      return found ?? missing
    })
    if (wanted.size === 0) return result
    await Promise.all([...wanted].map(async ([name, reference]) => known.set(name, await vars.get(reference))))
  }
}
