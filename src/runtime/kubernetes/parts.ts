import type { ContainerCreation } from '../contract.ts'
import type { KubernetesApi } from './client/api.ts'
import type { DialPod } from './client/port-forward.ts'
import type { Abilities } from './abilities.ts'
import type { Settings } from './options.ts'
import type { Pods } from './pods.ts'
import type { PullSecrets } from './pull-secret.ts'
import type { Remover } from './remover.ts'
import type { Sandboxes } from './sandboxes/sandboxes.ts'
import type { VerifyToken } from './token.ts'

/** Shared state of the runtime's parts. */
export interface Parts {
  readonly settings: Settings
  readonly api: KubernetesApi
  readonly dial: DialPod
  readonly pods: Pods
  readonly remover: Remover
  readonly secrets: PullSecrets
  readonly abilities: Abilities
  readonly sandboxes: Sandboxes
  readonly verifyToken: VerifyToken
  /** Aborts when the server stops, which leaves pods as they are. */
  readonly stopped: AbortSignal
  readonly created: (creation: ContainerCreation) => void
}

/** A pod that this process has made or adopted. */
export interface OwnPod {
  readonly name: string
  readonly uid: string
}
