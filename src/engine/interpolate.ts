import { describeVarError, interpolate } from '../config/vars/interpolate.ts'
import { traverse, type Lookup } from '../config/vars/lookup.ts'
import { withVars } from '../config/vars/with-vars.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Vars } from '../model/var.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'

type Interpolating = Pick<BuildContext, 'vars' | 'redactor'>

/** Fills in `((vars))` as they are in a scope; what came from secret ones will not be shown in the build's log. */
export async function resolveVars<T extends Json>(context: Interpolating, state: RunState, value: T): Promise<Result<T, string>> {
  const filled = await readWithVars(context, state, (lookup) => interpolate(value, lookup))
  if (!filled.ok) return fail(describeVarError(filled.error))
  context.redactor.add(filled.value.secrets)
  return ok(filled.value.value)
}

/** `read` may be called more than once (withVars). */
export function readWithVars<T>({ vars }: Pick<Interpolating, 'vars'>, state: RunState, read: (lookup: Lookup) => T): Promise<T> {
  return withVars(scoped(vars, state), read)
}

/** `((.:name))` is a local var of the scope; all others are the build's. */
function scoped(vars: Vars, state: RunState): Vars {
  return {
    get(reference) {
      if (reference.source !== '.') return vars.get(reference)
      const local = state.localVar(reference.path)
      return Promise.resolve(local === undefined ? { kind: 'missing' } : traverse(local.value, reference, { secret: local.secret, numbersAsText: true }))
    },
  }
}
