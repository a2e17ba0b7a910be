import { describeVarError, interpolate } from '../config/vars/interpolate.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { BuildContext } from './build-context.ts'

/** Fills in `((vars))`; what came from secret ones will not be shown in the build's log. */
export function resolveVars<T extends Json>(context: Pick<BuildContext, 'vars' | 'redactor'>, value: T): Result<T, string> {
  const filled = interpolate(value, context.vars)
  if (!filled.ok) return fail(describeVarError(filled.error))
  context.redactor.add(filled.value.secrets)
  return ok(filled.value.value)
}
