import { readFileSync } from 'node:fs'
import { vaultTemplates, type ServerManager, type VaultLogin, type VaultTls } from '../app/options.ts'
import { messageOf } from '../lib/errors.ts'
import { CommandError } from './exit.ts'
import type { BuildSettings } from './settings/table.ts'

type Settings = BuildSettings

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

export function vault(settings: Settings): ServerManager[] {
  const { vaultUrl: url, vaultSharedPath: sharedPath, vaultNamespace: namespace } = settings
  if (url === undefined) return []
  if (settings.vaultPathPrefix === '') throw new CommandError('vault-path-prefix cannot be empty')
  return [{
    type: 'vault', url,
    pathPrefix: settings.vaultPathPrefix,
    lookupTemplates: settings.vaultLookupTemplates.length > 0 ? settings.vaultLookupTemplates : vaultTemplates,
    ...(sharedPath !== undefined && { sharedPath }),
    ...(namespace !== undefined && { namespace }),
    loginTimeoutMs: settings.vaultLoginTimeout * 1000,
    queryTimeoutMs: settings.vaultQueryTimeout * 1000,
    tls: tls(settings),
    login: login(settings),
    retryMs: { initial: settings.vaultRetryInitial * 1000, max: settings.vaultRetryMax * 1000 },
  }]
}

function login({ vaultClientToken: token, vaultClientTokenPath: file, vaultAuthBackend: backend, vaultAuthParam, vaultAuthBackendMaxTtl: maxTtl }: Settings): VaultLogin {
  if (token !== undefined) return { kind: 'token', token }
  if (file !== undefined) return { kind: 'token file', file }
  if (backend === undefined) throw new CommandError('vault-url needs vault-client-token, vault-client-token-path or vault-auth-backend beside it')
  const params = Object.fromEntries(vaultAuthParam)
  const ofPod = backend === 'kubernetes' && params['jwt'] === undefined
  return { kind: 'backend', backend, params, ...(maxTtl !== undefined && { maxTtlMs: maxTtl * 1000 }), ...(ofPod && { jwtFile: serviceAccountToken }) }
}

function tls({ vaultCaCert, vaultClientCert, vaultClientKey, vaultServerName: serverName, vaultInsecureSkipVerify: insecure }: Settings): VaultTls {
  if ((vaultClientCert === undefined) !== (vaultClientKey === undefined)) throw new CommandError('vault-client-cert and vault-client-key are set together, or both are left out')
  const [ca, cert, key] = [pem('vault-ca-cert', vaultCaCert), pem('vault-client-cert', vaultClientCert), pem('vault-client-key', vaultClientKey)]
  return {
    ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }), insecure,
  }
}

function pem(setting: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${setting}: ${messageOf(error)}`)
  }
}
