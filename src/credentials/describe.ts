import type { JsonObject } from '../model/json.ts'
import type { ServerManager } from './options.ts'

/** What the server's managers are set to, by type, without secrets and with Concourse's names (its /api/v1/info/creds). */
export const describeManagers = (managers: readonly ServerManager[]): JsonObject => Object.fromEntries(managers.map((one) => [one.type, describe(one)]))

function describe(manager: ServerManager): JsonObject {
  switch (manager.type) {
    case 'dummy':
      return {}
    case 'files':
      return { directory: manager.directory }
    case 'environment':
      return { prefix: manager.prefix }
    case 'kubernetes':
      return { in_cluster_config: manager.kubeconfig === undefined, config_path: manager.kubeconfig ?? '', namespace_config: manager.namespacePrefix }
    case 'vault': {
      const { url, pathPrefix, lookupTemplates, sharedPath = '', namespace = '', login } = manager
      return { url, path_prefix: pathPrefix, lookup_templates: [...lookupTemplates], shared_path: sharedPath, namespace, auth_backend: login.kind === 'backend' ? login.backend : '' }
    }
    case 'secretsmanager':
      return { aws_region: manager.region, secret_templates: [...manager.templates] }
    case 'ssm':
      return { aws_region: manager.region, secret_templates: [...manager.templates], shared_path: manager.sharedPath ?? '' }
  }
}
