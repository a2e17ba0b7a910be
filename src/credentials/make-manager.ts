import { getKey, isObject } from '../config/json-object.ts'
import { quote } from '../config/quote.ts'
import { varSourceFaults } from '../config/validate/var-source-config.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { SecretManager } from './manager.ts'
import { dummyManager } from './managers/dummy.ts'

/** The manager of a var source, by its type and its config, whose vars are filled in. The error says what is wrong, without the values. */
export function makeManager(type: string, config: Json): Result<SecretManager, string> {
  const [fault] = varSourceFaults(type, config)
  if (fault !== undefined) return fail(fault.message)
  switch (type) {
    case 'dummy': {
      const vars = isObject(config) ? getKey(config, 'vars') : undefined
      return isObject(vars) ? ok(dummyManager(vars)) : fail('a dummy var source needs `vars`, a map of names to values')
    }
    default:
      return fail(`var sources of type ${quote(type)} cannot be asked yet`)
  }
}
