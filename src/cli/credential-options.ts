import { objectOf } from '../config/json-object.ts'
import { awsTemplates, type CredentialOptions, type ServerManager } from '../app/options.ts'
import type { BuildSettings } from './settings/table.ts'
import { CommandError } from './exit.ts'
import { vault } from './vault-options.ts'

/** Managers are asked in this order: what stands on this machine first. */
export function credentialOptions(settings: BuildSettings): CredentialOptions {
  const open = settings.varSourceAccess
  return {
    managers: [...localManagers(settings), ...kubernetes(settings), ...vault(settings), ...secretsManager(settings), ...ssm(settings)],
    access: {
      directories: open.flatMap((one) => (one.kind === 'files' ? [one.directory] : [])),
      prefixes: open.flatMap((one) => (one.kind === 'environment' ? [one.prefix] : [])),
      awsIdentity: open.some(({ kind }) => kind === 'aws'),
    },
    retry: { attempts: settings.secretRetryAttempts, intervalMs: settings.secretRetryInterval * 1000 },
    ...(settings.secretCacheEnabled && { cache: { durationMs: settings.secretCacheDuration * 1000, notFoundMs: settings.secretCacheDurationNotfound * 1000 } }),
    recycleMs: settings.varSourceRecyclePeriod * 1000,
    signingKeys: { rotationMs: settings.signingKeyRotationPeriod * 1000, graceMs: settings.signingKeyGracePeriod * 1000 },
  }
}

function localManagers({ dummyCredsVar, credentialFiles, credentialEnvironment }: BuildSettings): ServerManager[] {
  return [
    ...(dummyCredsVar.length > 0 ? [{ type: 'dummy', vars: objectOf(dummyCredsVar) } as const] : []),
    ...(credentialFiles === undefined ? [] : [{ type: 'files', directory: credentialFiles } as const]),
    ...(credentialEnvironment === undefined ? [] : [{ type: 'environment', prefix: credentialEnvironment } as const]),
  ]
}

function kubernetes({ kubernetesInCluster, kubernetesConfigPath, kubernetesNamespacePrefix: namespacePrefix }: BuildSettings): ServerManager[] {
  if (kubernetesInCluster && kubernetesConfigPath !== undefined) throw new CommandError('kubernetes-in-cluster and kubernetes-config-path cannot both be set: secrets are read from one cluster')
  if (kubernetesConfigPath !== undefined) return [{ type: 'kubernetes', kubeconfig: kubernetesConfigPath, namespacePrefix }]
  return kubernetesInCluster ? [{ type: 'kubernetes', namespacePrefix }] : []
}

function secretsManager(settings: BuildSettings): ServerManager[] {
  const { awsSecretsmanagerRegion: region } = settings
  if (region === undefined) return []
  const keys = awsKeys('aws-secretsmanager', settings.awsSecretsmanagerAccessKey, settings.awsSecretsmanagerSecretKey, settings.awsSecretsmanagerSessionToken)
  const templates = [
    settings.awsSecretsmanagerPipelineSecretTemplate ?? awsTemplates.pipeline,
    settings.awsSecretsmanagerTeamSecretTemplate ?? awsTemplates.team,
    settings.awsSecretsmanagerSharedSecretTemplate ?? awsTemplates.shared,
  ]
  return [{ type: 'secretsmanager', region, templates, ...keys }]
}

function ssm(settings: BuildSettings): ServerManager[] {
  const { awsSsmRegion: region, awsSsmSharedPath: sharedPath } = settings
  if (region === undefined) return []
  const keys = awsKeys('aws-ssm', settings.awsSsmAccessKey, settings.awsSsmSecretKey, settings.awsSsmSessionToken)
  const templates = [settings.awsSsmPipelineSecretTemplate ?? awsTemplates.pipeline, settings.awsSsmTeamSecretTemplate ?? awsTemplates.team]
  return [{ type: 'ssm', region, templates, ...keys, ...(sharedPath !== undefined && { sharedPath }) }]
}

function awsKeys(of: string, accessKeyId = '', secretAccessKey = '', sessionToken = '') {
  if (accessKeyId === '' && secretAccessKey === '' && sessionToken === '') return {}
  if (accessKeyId === '' || secretAccessKey === '') throw new CommandError(`${of}-access-key and ${of}-secret-key are set together, or both are left out`)
  return { keys: { accessKeyId, secretAccessKey, ...(sessionToken !== '' && { sessionToken }) } }
}
