import { getKey, isObject, objectOf } from '../../config/json-object.ts'
import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { largestSecret, permanentFault, type SecretAnswer, type SecretFault, type SecretManager } from '../manager.ts'

/** Reads secrets of a cluster; app/ gives it. */
export interface ClusterSecrets {
  /** The keys of a secret with their values in base64; undefined: there is no such secret. */
  read(namespace: string, name: string): Promise<Result<Json | undefined, SecretFault>>
  close(): Promise<void>
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/

/**
 * Secrets in the namespace of a team, PREFIXteam: `pipeline.name`, then `name`. Names that no secret or namespace can have
 * are not asked for; they would lead to another part of the API's paths.
 */
export function kubernetesManager(cluster: ClusterSecrets, namespacePrefix: string): SecretManager {
  return {
    paths(name, { team, pipeline }) {
      const namespace = `${namespacePrefix}${team}`
      if (!label.test(namespace)) return []
      const names = [...(pipeline === undefined ? [] : [`${pipeline}.${name}`]), name]
      return names.filter((one) => subdomain.test(one)).map((one) => `${namespace}/${one}`)
    },
    async get(path) {
      const [namespace = '', name = ''] = path.split('/')
      const data = await cluster.read(namespace, name)
      if (!data.ok) return fail({ ...data.error, message: `secret ${path} of Kubernetes: ${data.error.message}` })
      return data.value === undefined ? ok(undefined) : valueOf(data.value, path)
    },
    close: () => cluster.close(),
  }
}

/** The key `value` alone, or all keys as fields. A value that is no text is left out: it would be another one after all. */
function valueOf(data: Json, path: string): SecretAnswer {
  if (!isObject(data)) return ok(undefined)
  if (JSON.stringify(data).length > 2 * largestSecret) return fail(permanentFault(`secret ${path} of Kubernetes is larger than ${largestSecret} bytes`))
  const fields = objectOf(
    Object.entries(data).flatMap(([key, encoded]) => {
      const bytes = Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64')
      const text = bytes.toString('utf8')
      return Buffer.from(text, 'utf8').equals(bytes) ? [[key, text] as const] : []
    }),
  )
  return ok({ value: getKey(fields, 'value') ?? fields })
}
