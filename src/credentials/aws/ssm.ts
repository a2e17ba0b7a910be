import { isObject, getKey, setKey } from '../../config/json-object.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok } from '../../model/result.ts'
import { permanentFault, type SecretAnswer, type SecretManager } from '../manager.ts'
import { fillTemplates, type Folders } from '../secret-path.ts'
import { awsNames } from './names.ts'
import type { AwsClient } from './client.ts'
import type { SsmSettings } from './settings.ts'

/** Ten parameters each, as many as the API gives at once. */
export const mostPages = 100

/** Parameters of AWS SSM: one of that name, or else all below it as fields. */
export function ssmManager({ templates, sharedPath }: SsmSettings, client: AwsClient, folders: Folders): SecretManager {
  const shared = sharedPath === undefined ? [] : [`${sharedPath}/{{.Secret}}`]
  return {
    paths: (name, scope) => awsNames([...fillTemplates(templates, name, scope, folders), ...fillTemplates(shared, name, scope)], /^[\w./-]{1,1011}$/),
    async get(path) {
      const answer = await client.call('GetParameter', { Name: path, WithDecryption: true })
      if (!answer.ok) return answer
      if (answer.value.kind === 'error') return answer.value.code === 'ParameterNotFound' ? below(client, path) : fail(permanentFault(`${answer.value.message} (parameter ${path})`))
      const parameter = getKey(answer.value.value, 'Parameter')
      const value = isObject(parameter) ? parameter['Value'] : undefined
      return ok(typeof value === 'string' ? { value } : undefined)
    },
    close: () => client.close(),
  }
}

async function below(client: AwsClient, path: string): Promise<SecretAnswer> {
  const folder = path.replace(/\/+$/, '')
  // Only names that begin with a slash have a hierarchy.
  if (!folder.startsWith('/')) return ok(undefined)
  const fields: JsonObject = {}
  let next: string | undefined
  for (let page = 1; ; page += 1) {
    const answer = await client.call('GetParametersByPath', { Path: folder, Recursive: true, WithDecryption: true, MaxResults: 10, ...(next !== undefined && { NextToken: next }) })
    if (!answer.ok) return answer
    if (answer.value.kind === 'error') return fail(permanentFault(`${answer.value.message} (parameters below ${path})`))
    const { value } = answer.value
    const parameters = getKey(value, 'Parameters')
    for (const parameter of Array.isArray(parameters) ? parameters : []) {
      const [name, text] = isObject(parameter) ? [parameter['Name'], parameter['Value']] : []
      if (typeof name === 'string' && typeof text === 'string' && name.startsWith(`${folder}/`)) setKey(fields, name.slice(folder.length + 1), text)
    }
    const token = getKey(value, 'NextToken')
    if (typeof token !== 'string' || token === '') return ok(Object.keys(fields).length === 0 ? undefined : { value: fields })
    if (page === mostPages) return fail(permanentFault(`there are more than ${mostPages * 10} parameters below ${path}; a var is no place for so many`))
    next = token
  }
}
