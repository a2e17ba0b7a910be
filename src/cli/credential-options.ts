import { objectOf } from '../config/json-object.ts'
import type { CredentialOptions, ServerManager } from '../app/options.ts'
import type { SettingsOf } from './settings/table.ts'
import { CommandError } from './exit.ts'

/** Managers are asked in this order: what stands on this machine first. */
export function credentialOptions(settings: SettingsOf<'run'>): CredentialOptions {
  const open = settings.varSourceAccess
  return {
    managers: [...localManagers(settings), ...kubernetes(settings)],
    access: {
      directories: open.flatMap((one) => (one.kind === 'files' ? [one.directory] : [])),
      prefixes: open.flatMap((one) => (one.kind === 'environment' ? [one.prefix] : [])),
      awsIdentity: open.some(({ kind }) => kind === 'aws'),
    },
    retry: { attempts: settings.secretRetryAttempts, intervalMs: settings.secretRetryInterval * 1000 },
    ...(settings.secretCacheEnabled && { cache: { durationMs: settings.secretCacheDuration * 1000, notFoundMs: settings.secretCacheDurationNotfound * 1000 } }),
    recycleMs: settings.varSourceRecyclePeriod * 1000,
  }
}

function localManagers({ dummyCredsVar, credentialFiles, credentialEnvironment }: SettingsOf<'run'>): ServerManager[] {
  return [
    ...(dummyCredsVar.length > 0 ? [{ type: 'dummy', vars: objectOf(dummyCredsVar) } as const] : []),
    ...(credentialFiles === undefined ? [] : [{ type: 'files', directory: credentialFiles } as const]),
    ...(credentialEnvironment === undefined ? [] : [{ type: 'environment', prefix: credentialEnvironment } as const]),
  ]
}

function kubernetes({ kubernetesInCluster, kubernetesConfigPath, kubernetesNamespacePrefix: namespacePrefix }: SettingsOf<'run'>): ServerManager[] {
  if (kubernetesInCluster && kubernetesConfigPath !== undefined) throw new CommandError('kubernetes-in-cluster and kubernetes-config-path cannot both be set: secrets are read from one cluster')
  if (kubernetesConfigPath !== undefined) return [{ type: 'kubernetes', kubeconfig: kubernetesConfigPath, namespacePrefix }]
  return kubernetesInCluster ? [{ type: 'kubernetes', namespacePrefix }] : []
}
