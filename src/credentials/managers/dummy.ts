import { getKey } from '../../config/json-object.ts'
import type { JsonObject } from '../../model/json.ts'
import { ok } from '../../model/result.ts'
import type { SecretManager } from '../manager.ts'
import { fillTemplates, type Folders } from '../secret-path.ts'

const templates = ['{{.Team}}/{{.Pipeline}}/{{.Secret}}', '{{.Team}}/{{.Secret}}', '{{.Secret}}']

/** Vars that stand in the config itself; their names may begin with a team, or a team and a pipeline. */
export function dummyManager(vars: JsonObject, folders: Folders): SecretManager {
  return {
    paths: (name, scope) => fillTemplates(templates, name, scope, folders),
    get(path) {
      const value = getKey(vars, path)
      return Promise.resolve(ok(value === undefined ? undefined : { value }))
    },
  }
}
