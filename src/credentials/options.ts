import type { JsonObject } from '../model/json.ts'
import type { SecretsManagerSettings, SsmSettings } from './aws/settings.ts'
import type { KeyPeriods } from './idtoken/signing-keys.ts'
import type { VaultSettings } from './vault/settings.ts'

/** What an operator sets about vars. Times in ms. */
export interface CredentialOptions {
  /** The server's own managers, asked in this order for references without a source. */
  readonly managers: readonly ServerManager[]
  /** What var sources of pipelines may use of this machine. */
  readonly access: VarSourceAccess
  readonly retry: RetryOptions
  /** Absent: each look-up asks the manager. */
  readonly cache?: CacheOptions
  /** A var source that nobody has used for so long is closed. */
  readonly recycleMs: number
  /** How long keys of idtoken var sources sign, and are published after that. */
  readonly signingKeys: KeyPeriods
}

/** Whoever writes a pipeline would otherwise read the server's files, its environment, and what its cloud identity may read. */
export interface VarSourceAccess {
  readonly directories: readonly string[]
  readonly prefixes: readonly string[]
  readonly awsIdentity: boolean
}

export interface RetryOptions {
  readonly attempts: number
  readonly intervalMs: number
}

export interface CacheOptions {
  readonly durationMs: number
  readonly notFoundMs: number
}

export type ServerManager =
  | { readonly type: 'dummy'; readonly vars: JsonObject }
  | { readonly type: 'files'; readonly directory: string }
  | { readonly type: 'environment'; readonly prefix: string }
  | KubernetesSettings
  | VaultSettings
  | SecretsManagerSettings
  | SsmSettings

export interface KubernetesSettings {
  readonly type: 'kubernetes'
  /** Absent: the account of the pod that this process runs in. */
  readonly kubeconfig?: string
  readonly namespacePrefix: string
}

export const noAccess: VarSourceAccess = { directories: [], prefixes: [], awsIdentity: false }
export const plainCredentials: CredentialOptions = { managers: [], access: noAccess, retry: { attempts: 5, intervalMs: 1000 }, recycleMs: 300_000, signingKeys: { rotationMs: 7 * 24 * 3_600_000, graceMs: 24 * 3_600_000 } }
