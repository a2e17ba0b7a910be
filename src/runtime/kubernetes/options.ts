import { systemClock, type Clock } from '../../lib/clock.ts'
import { silentLog, type Log } from '../../lib/log.ts'
import type { SupervisorSettings } from '../../model/supervisor-settings.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import type { Result } from '../../model/result.ts'
import type { Rendezvous } from '../contract.ts'
import type { ClusterAccess } from './client/access.ts'

/** What an operator (never a pipeline) says about pods. */
export interface KubernetesOptions {
  readonly access: ClusterAccess
  readonly namespace: string
  /** Whose pods these are: a label value. Two installations in one namespace never touch each other's pods. */
  readonly installation: string
  readonly rendezvous: Rendezvous
  /** Airside's own image with the supervisor at its root, best pinned by digest. */
  readonly supervisorImage: string
  /** The account of steps' pods; it needs no right at all. Default `airside-step`. */
  readonly serviceAccount?: string
  /** `auto`: home where there is an address; the tunnel where there is none, or when the supervisor did not dial. */
  readonly transport?: Transport
  readonly delivery?: DeliveryChoice
  readonly isolation?: Isolation
  /** `auto`: where the cluster has user namespaces. */
  readonly userNamespaces?: 'auto' | 'on' | 'off'
  /** What a step's container asks of the scheduler where nothing else is said: cores and bytes. */
  readonly requests?: { readonly cpu: number; readonly memory: number }
  /** Absent: steps whose image is an artifact are refused. */
  readonly publishImage?: PublishImage
  /** Makes `cpu` a limit too. */
  readonly cpuLimit?: boolean
  readonly placement?: Placement
  /** The domain of the labels that say a node's tags. Default `tag.airside.dev`. */
  readonly tagLabel?: string
  readonly supervisorSettings?: SupervisorSettings
  /** How many pods wait for steps, at most; 0: none. */
  readonly warmSandboxes?: number
  /** A pod that is removed has so long to end before it is killed. */
  readonly removalGraceSeconds?: number
  /** How long a pull may fail with errors that look transient. */
  readonly pullGraceMs?: number
  /** A running container that has not reported in for so long is dialled. */
  readonly tunnelAfterMs?: number
  /** How long an API that cannot be reached is retried before a prepared container is given up. */
  readonly apiPatienceMs?: number
  readonly clock?: Clock
  readonly log?: Log
}

export const noArtifactImages = "a cluster's nodes pull images from registries only; --image-registry HOST/PREFIX names one to put it into that they can pull from"

/**
 * Puts an image that a step has made where nodes pull it from. `onPush` is told when that takes a push; the error is a line for the
 * user; an abort is thrown.
 */
export type PublishImage = (
  artifact: ArtifactRef,
  name: string,
  signal: AbortSignal,
  onPush: (line: string) => void,
) => Promise<Result<Extract<ImageSource, { kind: 'registry' }>, string>>

export type Transport = 'auto' | 'home' | 'tunnel'
export type Delivery = 'image-volume' | 'helper-container'
export type DeliveryChoice = 'auto' | Delivery

/** How far Pod Security lets a step go: as root in its container, or, in a namespace that enforces `restricted`, as one fixed user. */
export type Isolation = { readonly mode: 'baseline' } | { readonly mode: 'restricted'; readonly uid: number }

export interface Placement {
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly object[]
  readonly priorityClassName?: string
  readonly runtimeClassName?: string
}

export type Settings = Required<Omit<KubernetesOptions, 'placement' | 'publishImage'>> & Pick<KubernetesOptions, 'publishImage'> & { readonly placement: Placement }

export const withDefaults = (options: KubernetesOptions): Settings => ({
  serviceAccount: 'airside-step',
  transport: 'auto',
  delivery: 'auto',
  isolation: { mode: 'baseline' },
  userNamespaces: 'auto',
  requests: { cpu: 0.05, memory: 64 * 1024 * 1024 },
  cpuLimit: false,
  placement: {},
  tagLabel: 'tag.airside.dev',
  supervisorSettings: {},
  warmSandboxes: 0,
  removalGraceSeconds: 30,
  pullGraceMs: 180_000,
  tunnelAfterMs: 3_000,
  apiPatienceMs: 600_000,
  clock: systemClock,
  log: silentLog,
  ...options,
})
