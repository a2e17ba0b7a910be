import type { ContainerStatus, Pod } from '../client/objects.ts'
import { stepContainer } from '../layout.ts'
import { annotationKeys } from '../names.ts'

/**
 * A pod as if its step's container had been its first: without what its status says of the container that waited in the sandbox, which
 * ends with a status that is no result of the step's, and without the restart that replaced it. Pure.
 */
export function withoutWaited(pod: Pod): Pod {
  const waited = pod.metadata?.annotations?.[annotationKeys.waited]
  const { containerStatuses } = pod.status ?? {}
  if (waited === undefined || containerStatuses === undefined) return pod
  return { ...pod, status: { ...pod.status, containerStatuses: containerStatuses.map((status) => (status?.name === stepContainer ? ofStep(status, waited) : status)) } }
}

function ofStep(status: ContainerStatus, waited: string): ContainerStatus {
  const restartCount = Math.max(0, (status.restartCount ?? 0) - 1)
  if (status.containerID === waited) {
    const { waiting } = status.state ?? {}
    return { name: stepContainer, ready: false, restartCount, ...(waiting !== undefined && { state: { waiting } }) }
  }
  const { lastState, ...now } = status
  return { ...now, restartCount, ...(lastState !== undefined && lastState.terminated?.containerID !== waited && { lastState }) }
}
