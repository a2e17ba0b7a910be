import { getKey } from '../../config/json-object.ts'
import { fail, ok } from '../../model/result.ts'
import { jsonObject } from '../http.ts'
import { permanentFault, type SecretAnswer, type SecretManager } from '../manager.ts'
import { fillTemplates, type Folders } from '../secret-path.ts'
import { awsNames } from './names.ts'
import type { AwsClient } from './client.ts'
import type { SecretsManagerSettings } from './settings.ts'

/** A secret that is to be deleted is answered with InvalidRequestException. */
const notThere = new Set(['ResourceNotFoundException', 'InvalidRequestException'])

/** Secrets of AWS Secrets Manager: a text, or the fields of a JSON object. */
export function secretsManager({ templates }: SecretsManagerSettings, client: AwsClient, folders: Folders): SecretManager {
  return {
    paths: (name, scope) => awsNames(fillTemplates(templates, name, scope, folders), /^[\w/+=.@-]{1,512}$/),
    async get(path) {
      const answer = await client.call('GetSecretValue', { SecretId: path })
      if (!answer.ok) return answer
      if (answer.value.kind === 'error') return notThere.has(answer.value.code) ? ok(undefined) : fail(permanentFault(`${answer.value.message} (secret ${path})`))
      const { value } = answer.value
      const text = getKey(value, 'SecretString')
      if (typeof text === 'string') return ok({ value: jsonObject(text) ?? text })
      const binary = getKey(value, 'SecretBinary')
      return typeof binary === 'string' ? fieldsOf(binary, path) : ok(undefined)
    },
    close: () => client.close(),
  }
}

function fieldsOf(binary: string, path: string): SecretAnswer {
  const fields = jsonObject(Buffer.from(binary, 'base64').toString('utf8'))
  return fields === undefined ? fail(permanentFault(`secret ${path} of AWS Secrets Manager is binary, and no JSON object`)) : ok({ value: fields })
}
