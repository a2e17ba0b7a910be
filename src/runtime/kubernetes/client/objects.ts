import type { JsonObject } from '../../../model/json.ts'

/** The parts of Kubernetes' objects that we read. Whatever an API server says is untrusted: everything may be missing. */
export interface ObjectMeta {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
}

export interface KubernetesObject {
  readonly metadata?: ObjectMeta
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec?: JsonObject
}

export interface Pod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string; readonly volumes?: readonly { readonly name?: string }[] }
  readonly status?: PodStatus
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly conditions?: readonly PodCondition[]
  readonly containerStatuses?: readonly ContainerStatus[]
}

export interface PodCondition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
}

export interface ContainerStatus {
  readonly name?: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly image?: string
  readonly imageID?: string
  readonly containerID?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: TerminatedState
}

export interface TerminatedState {
  readonly exitCode?: number
  readonly containerID?: string
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
}

export interface Event extends KubernetesObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly involvedObject?: { readonly name?: string; readonly uid?: string; readonly fieldPath?: string }
  readonly lastTimestamp?: string
}

export interface Status {
  readonly kind?: 'Status'
  readonly code?: number
  readonly reason?: string
  readonly message?: string
}
