import type { ContainerLost } from '../contract.ts'
import type { Pod } from './client/objects.ts'
import { statusOf } from './step-status.ts'

/** Why a pod is over, or about to be, for the step that had work in it. Pure. */
export function endingOf(pod: Pod): ContainerLost {
  return { kind: 'lost', message: sentence(pod), mayStillRun: mayStillRun(pod) }
}

function sentence(pod: Pod): string {
  const { status = {}, spec = {}, metadata = {} } = pod
  const node = spec.nodeName === undefined ? 'its node' : `node ${spec.nodeName}`
  const said = status.message === undefined || status.message === '' ? '' : `: ${status.message.trim()}`
  switch (status.reason) {
    case 'Evicted':
      return `${node} evicted the container${said}`
    case 'Shutdown':
    case 'Terminated':
    case 'NodeShutdown':
      return `${node} was shut down${said}`
    case 'NodeLost':
      return `${node} was lost${said}`
    case 'Preempting':
      return `the container was preempted on ${node}${said}`
    case 'DeadlineExceeded':
      return `the pod's deadline passed${said}`
    case undefined:
    case '':
      break
    default:
      if (status.phase === 'Failed') return `${node} did not keep the pod (${status.reason})${said}`
  }
  const disruption = status.conditions?.find((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True')
  if (disruption !== undefined) return `${disruptions[disruption.reason ?? ''] ?? 'the pod was disrupted'} (${node})`
  const ended = statusOf(pod)
  const state = ended?.state?.terminated ?? ended?.lastState?.terminated
  if (status.phase === 'Succeeded') return 'the supervisor ended by itself: nobody had spoken to it for too long'
  if (state?.reason === 'OOMKilled') return 'the container ran out of memory'
  // Its containers fail because it is deleted, as they do by themselves.
  if (metadata.deletionTimestamp !== undefined) return 'the pod was removed from outside'
  if (status.phase === 'Failed') return `the container failed${state === undefined ? '' : ` with status ${state.exitCode ?? '?'}`}${said}`
  return 'the pod was removed from outside'
}

const disruptions: Readonly<Record<string, string>> = {
  EvictionByEvictionAPI: 'the pod was evicted, as when its node is drained',
  PreemptionByScheduler: 'the pod had to make room for one of higher priority',
  DeletionByTaintManager: 'its node could not be reached for too long, or was tainted',
  DeletionByPodGC: 'its node no longer exists',
  TerminationByKubelet: 'its node needed the resources, or was shut down',
}

/** A kubelet reports the end of each container before its pod is gone, except when the pod was deleted by force. */
function mayStillRun(pod: Pod): boolean {
  const { status = {}, spec = {} } = pod
  if (spec.nodeName === undefined) return false
  if (status.phase === 'Failed' || status.phase === 'Succeeded') {
    return status.reason === 'NodeLost' || status.conditions?.some((one) => one.reason === 'DeletionByPodGC') === true
  }
  const step = statusOf(pod)
  return step?.state?.running !== undefined
}

/** The node controller's mark: the node is NotReady, though the container, as last heard, is fine. */
export function nodeNotReady(pod: Pod): boolean {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready')
  const step = statusOf(pod)
  return ready?.status === 'False' && step?.ready === true && step.state?.running !== undefined
}

/** Ended by the infrastructure before any of its containers ran: it can be created again without loss. */
export function neverStarted(pod: Pod): boolean {
  const step = statusOf(pod)
  return step === undefined || (step.state?.running === undefined && step.state?.terminated === undefined && (step.restartCount ?? 0) === 0)
}
