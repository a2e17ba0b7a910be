import { resolve, sep } from 'node:path'
import { getKey, isObject } from '../config/json-object.ts'
import { quote } from '../config/quote.ts'
import { varSourceFaults } from '../config/validate/var-source-config.ts'
import type { Clock } from '../lib/clock.ts'
import { codeOf } from '../lib/errors.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { AwsClient, type AwsIdentity } from './aws/client.ts'
import { secretsManager } from './aws/secrets-manager.ts'
import { awsSettingsOf, type SecretsManagerSettings, type SsmSettings } from './aws/settings.ts'
import { ssmManager } from './aws/ssm.ts'
import { idTokenManager, type Issuer } from './idtoken/manager.ts'
import { idTokenSettingsOf } from './idtoken/settings.ts'
import type { SecretManager } from './manager.ts'
import type { Folders } from './secret-path.ts'
import { dummyManager } from './managers/dummy.ts'
import { environmentManager } from './managers/environment.ts'
import { filesManager } from './managers/files.ts'
import { kubernetesManager, type ClusterSecrets } from './managers/kubernetes.ts'
import { vaultManager, type VaultReach } from './vault/manager.ts'
import { vaultSettingsOf, type VaultSettings } from './vault/settings.ts'
import type { KubernetesSettings, ServerManager, VarSourceAccess } from './options.ts'

/** What managers need of the rest. */
export interface ManagerPorts {
  readonly clock: Clock
  readonly awsIdentity: AwsIdentity
  /** Throws when there is no such kubeconfig. */
  readonly clusterSecrets: (settings: KubernetesSettings) => ClusterSecrets
}

/** A manager of the server itself. */
export function makeServerManager(settings: ServerManager, ports: ManagerPorts): Result<SecretManager, string> {
  switch (settings.type) {
    case 'dummy':
      return ok(dummyManager(settings.vars, 'below team'))
    case 'files':
      return ok(filesManager(settings.directory, 'below team'))
    case 'environment':
      return ok(environmentManager(settings.prefix))
    case 'ssm':
    case 'secretsmanager':
      return ok(aws(settings, 'below team', ports))
    case 'vault':
      return vault(settings, 'teams', ports)
    case 'kubernetes':
      return kubernetes(settings, ports)
  }
}

function aws(settings: SecretsManagerSettings | SsmSettings, folders: Folders, { clock, awsIdentity: identity }: Pick<ManagerPorts, 'clock' | 'awsIdentity'>): SecretManager {
  const { type: service, region, keys } = settings
  const client = new AwsClient({ service, region, identity, clock, ...(keys !== undefined && { keys }) })
  return settings.type === 'ssm' ? ssmManager(settings, client, folders) : secretsManager(settings, client, folders)
}

function vault(settings: VaultSettings, reach: VaultReach, { clock }: Pick<ManagerPorts, 'clock'>): Result<SecretManager, string> {
  try {
    return ok(vaultManager(settings, reach, clock))
  } catch (error) {
    // A certificate that is none, as it stands in the config: its text is not repeated.
    return fail(`its certificates cannot be used: ${codeOf(error) ?? 'they are not in PEM form'}`)
  }
}

function kubernetes(settings: KubernetesSettings, ports: ManagerPorts): Result<SecretManager, string> {
  try {
    return ok(kubernetesManager(ports.clusterSecrets(settings), settings.namespacePrefix))
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** The manager of a var source, by its type and its config, whose vars are filled in. The error says what is wrong, without the values. */
export function makeVarSource(type: string, config: Json, access: VarSourceAccess, ports: Pick<ManagerPorts, 'clock' | 'awsIdentity'> & { readonly issuer: Issuer }): Result<SecretManager, string> {
  const [fault] = varSourceFaults(type, config)
  if (fault !== undefined) return fail(fault.message)
  const text = (key: string): string => {
    const value = isObject(config) ? getKey(config, key) : undefined
    return typeof value === 'string' ? value : ''
  }
  switch (type) {
    case 'dummy': {
      const vars = isObject(config) ? getKey(config, 'vars') : undefined
      return isObject(vars) ? ok(dummyManager(vars, 'anywhere')) : fail('a dummy var source needs `vars`, a map of names to values')
    }
    case 'vault': {
      const settings = vaultSettingsOf(isObject(config) ? config : {})
      return settings.ok ? vault(settings.value, 'prefix', ports) : settings
    }
    case 'idtoken':
      return ok(idTokenManager(idTokenSettingsOf(config), ports.issuer, ports.clock))
    case 'ssm':
    case 'secretsmanager': {
      const settings = awsSettingsOf(type, config, access.awsIdentity)
      return settings.ok ? ok(aws(settings.value, 'anywhere', ports)) : settings
    }
    case 'files': {
      const directory = resolve(text('directory'))
      if (!access.directories.some((allowed) => directory === allowed || directory.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep))) {
        return fail(`files of ${quote(directory)} are not open to pipelines; the operator opens them with --var-source-access files:${directory}`)
      }
      return ok(filesManager(directory, 'anywhere'))
    }
    case 'environment': {
      const prefix = text('prefix')
      if (!access.prefixes.some((allowed) => prefix.startsWith(allowed))) {
        return fail(`variables that begin with ${quote(prefix)} are not open to pipelines; the operator opens them with --var-source-access environment:${prefix}`)
      }
      return ok(environmentManager(prefix))
    }
    default:
      return fail(`there is no type of var sources ${quote(type)}`)
  }
}
