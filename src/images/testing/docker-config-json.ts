import type { RegistryCredentials } from '../../model/image.ts'
import { serverName } from '../docker-config/docker-config.ts'

/** The content of a Kubernetes secret of type kubernetes.io/dockerconfigjson, for one registry (`host` in any spelling). */
export function dockerConfigJson(host: string, credentials: RegistryCredentials): string {
  const { username, password } = credentials
  const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
  return JSON.stringify({ auths: { [serverName(host)]: { username, password, auth: encoded } } })
}
