import type { ContainerStatus, Pod } from './client/objects.ts'
import { stepContainer } from './layout.ts'

/** What the kubelet says of one of the pod's containers; default: the step's. */
export const statusOf = (pod: Pod | undefined, name: string = stepContainer): ContainerStatus | undefined =>
  pod?.status?.containerStatuses?.find((container) => container?.name === name)
