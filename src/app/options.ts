import type { Log } from '../lib/log.ts'
import type { Tracing } from '../lib/span.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { CredentialOptions } from '../credentials/options.ts'
import type { LoginOptions } from '../auth/login-options.ts'
import type { EngineObserver } from '../engine/build-context.ts'
import type { NodeRegistry } from '../images/reference/node-registries.ts'
import type { RegistryTrust } from '../images/reference/registry-trust.ts'
import type { AuditGroup } from '../model/audit.ts'
import type { Observe } from '../model/happening.ts'
import type { BaseTypeImage } from '../model/image.ts'
import type { LogLimits } from '../model/build-log.ts'
import type { SupervisorSettings } from '../model/supervisor-settings.ts'
import type { PolicyFilter } from '../policy/checks.ts'
import type { PolicyServerOptions } from '../policy/opa.ts'
import type { DeliveryChoice, Isolation, Transport as KubernetesTransport } from '../runtime/kubernetes/options.ts'

export { awsTemplates, isRegion } from '../credentials/aws/settings.ts'
export type { CredentialOptions, ServerManager } from '../credentials/options.ts'
export { defaultTemplates as vaultTemplates, type VaultLogin, type VaultTls } from '../credentials/vault/settings.ts'

export interface AppOptions {
  /** Folder of everything that lasts. */
  readonly data: string
  /** `postgres://…`; absent: the embedded database, in the data folder. */
  readonly database?: string
  /** Text of the encryption key; absent: a 0600 file beside the data. */
  readonly encryptionKey?: string
  readonly runtime: RuntimeOptions
  readonly externalUrl: string
  /** Who may log in to a server; absent: an admin, whom the first start makes. */
  readonly login?: LoginOptions
  /** Checks of images of one registry that begin in a second; absent or 0: as many as are due. */
  readonly registryChecksPerSecond?: number
  /** How long after a build's end what its steps stored is kept; absent: two days. */
  readonly outputsDays?: number
  /** What is audited besides changes, logins, refusals and intercepts, and for how long; absent: nothing, and 400 days. */
  readonly audit?: { readonly reads: readonly AuditGroup[]; readonly days: number }
  readonly trustedProxies?: readonly string[]
  /** Hosts of background images that the web UI may load; absent: none. */
  readonly webImageHosts?: readonly string[]
  /** Folder of the programs of fly that a server hands out; absent: none. */
  readonly cliArtifacts?: string
  /** Where other servers on the database reach this one; absent: where it listens. */
  readonly peerUrl?: string
  /** Base resource types beside or instead of the built-in ones, by name. */
  readonly baseTypes: ReadonlyMap<string, BaseTypeImage>
  /** Goes before the built-in images of base resource types: `registry.example/mirror`. */
  readonly baseTypePrefix?: string
  readonly prepareAhead: number
  /** Steps and resource types with `privileged: true` may run. They are root on the machine or node, so only an operator may say so. */
  readonly allowPrivileged?: boolean
  readonly nativeImageFetch: boolean
  /** Resources of one config share versions and checks; absent: each has its own. */
  readonly globalResources?: boolean
  /** Absent: asked by this server, pulled by nodes, nothing else known. */
  readonly images?: Partial<ImageOptions>
  /** Containers of steps that did not succeed are left for intercept; absent: they go as all others. */
  readonly keep?: KeepContainers
  /** Asked about every image that a step uses; absent: every image may be used. */
  readonly imagePolicy?: PolicyServerOptions
  /** Asked about the filter's actions; about images too, if they are among them and there is no image policy. */
  readonly policy?: PolicyServerOptions & { readonly filter: PolicyFilter }
  /** Bytes that an output or cache may have, holes included; absent: defaultOutputLimit. */
  readonly outputLimit?: number
  /** Absent: as supervisor/PROTOCOL.md has it. */
  readonly supervisor?: SupervisorSettings
  /** Absent: there are no credential managers, and var sources use nothing of this machine. */
  readonly credentials?: CredentialOptions
  /** How many logs of builds a server keeps; absent: as jobs say. */
  readonly buildLogs?: LogLimits
  readonly observer?: EngineObserver
  /** Counts what happens; absent: nobody does. */
  readonly observe?: Observe
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing
  /** Where the secrets of the builds that run are held; absent: nobody else asks for them. */
  readonly secrets?: Secrets
  readonly log: Log
  /** A line for the user about anything that takes longer than a second. */
  readonly progress: (line: string) => void
}

export interface KeepContainers {
  /** How long: of builds of jobs, and of others. */
  readonly seconds: number
  readonly oneOffSeconds: number
  /** At most so many; beyond that the oldest are removed. */
  readonly most: number
  /** The log of a step says how to enter its container. */
  readonly told: boolean
}

/** How registries are asked, and what nodes can do. */
export interface ImageOptions {
  /** `node`: where this server cannot reach a registry, the node finds what a tag means. */
  readonly check: 'server' | 'node'
  /** What nodes are set up for; empty: not known, everything is pulled. */
  readonly nodeRegistries: readonly NodeRegistry[]
  /** How this server speaks to registries that need it said. */
  readonly registryTrust?: readonly RegistryTrust[]
  /** Registries for which this machine's own cloud identity may be used. */
  readonly cloudIdentity: readonly string[]
  /** Asked, and pulled from, instead of Docker Hub. */
  readonly registryMirror?: { readonly registry: string; readonly insecure: boolean }
}

export const plainImages: ImageOptions = { check: 'server', nodeRegistries: [], cloudIdentity: [] }

export type RuntimeOptions = DockerOptions | KubernetesRuntimeOptions

export interface DockerOptions {
  readonly kind: 'docker'
  /** How frames reach containers; absent: found out. */
  readonly transport?: 'socket' | 'exec'
  /** Absent: where the engine has them. */
  readonly userNamespaces?: 'auto' | 'required' | 'off'
  /** Worker tags that this machine has; absent: none. */
  readonly tags?: 'all' | readonly string[]
}

export interface KubernetesRuntimeOptions {
  readonly kind: 'kubernetes'
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
  readonly supervisorImage?: string
  readonly transport: KubernetesTransport
  readonly delivery: DeliveryChoice
  /** Domain of the labels that say a node's tags; absent: `tag.airside.dev`. */
  readonly tagLabel?: string
  /** How many pods wait for steps, at most; absent: none. */
  readonly warmSandboxes?: number
  readonly isolation: Isolation
  /** `host[:port]` by which pods reach this process; absent: none is known, and pods are reached by the tunnel. */
  readonly home?: { readonly host: string; readonly port: number }
  readonly serviceAccount?: string
  /** Where images that are artifacts stand for nodes; absent: steps with such an image are refused. */
  readonly imageRegistry?: ImageRegistry
}

export type ImageRegistry =
  /** They are pushed to a registry, with the credentials that docker's configuration has for it. */
  | { readonly kind: 'remote'; readonly registry: string; readonly repository: string }
  /** This server serves them; `host`: where nodes reach it over https. */
  | { readonly kind: 'own'; readonly host: string }

/** Images of Concourse's own base resource types. */
export const defaultBaseTypes: ReadonlyMap<string, string> = new Map(
  [
    'bosh-io-release', 'bosh-io-stemcell', 'docker-image', 'git', 'github-release', 'hg', 'mock', 'pool', 'registry-image', 's3', 'semver', 'time',
  ].map((name) => [name, `concourse/${name}-resource`]),
)

/** Images of base resource types: the built-in ones, below a prefix where there is one, and those that were given. */
export function baseTypeImages({ baseTypes, baseTypePrefix }: Pick<AppOptions, 'baseTypes' | 'baseTypePrefix'>): ReadonlyMap<string, BaseTypeImage> {
  const builtIn = [...defaultBaseTypes].map(([name, image]) => [name, baseTypePrefix === undefined ? image : `${baseTypePrefix}/${image}`] as const)
  return new Map<string, BaseTypeImage>([...builtIn, ...baseTypes])
}
