import { ownWords } from '../../lib/own-words.ts'
import type { WaitReason } from '../contract.ts'
import type { ContainerStatus, Pod } from './client/objects.ts'
import { helperContainer, stepContainer } from './layout.ts'
import { statusOf } from './step-status.ts'
import { isPullReason, readPullFailure } from './pull-errors.ts'

/** The state of a pod whose supervisor has not reported in. */
export type Situation =
  | { readonly kind: 'waiting'; readonly reason: WaitReason }
  | { readonly kind: 'unschedulable'; readonly message: string }
  | { readonly kind: 'pull-failing'; readonly whose: 'step' | 'supervisor'; readonly message: string; readonly permanent: boolean }
  /** The kubelet has the image and cannot start a container from it. `stage` is its own word for where it failed. */
  | { readonly kind: 'start-failing'; readonly stage: string; readonly message: string }
  /** The node could not make what the containers stand in; the kubelet tries again only after ten seconds or more. */
  | { readonly kind: 'sandbox-failing'; readonly message: string }
  /** The node cannot do what isolation asks for. */
  | { readonly kind: 'no-user-namespaces'; readonly message: string; /** It says that it never can, and not that it failed. */ readonly lasting: boolean }
  | { readonly kind: 'running' }
  /** The supervisor ended before it reported in; the kubelet may be about to start it again. */
  | { readonly kind: 'exited'; readonly message: string; readonly restarts: number }
  /** Terminal, or on its way out: see endings.ts. */
  | { readonly kind: 'ending' }

/** A warning, or that a pull has begun: reasons, never outcomes. */
export interface Warning {
  readonly reason: string
  readonly message: string
}

/** `warnings` of this pod, newest first. Pure. */
export function situationOf(pod: Pod, warnings: readonly Warning[], supervisorImage: string): Situation {
  const { status = {}, spec = {}, metadata = {} } = pod
  if (status.phase === 'Failed' || status.phase === 'Succeeded' || metadata.deletionTimestamp !== undefined) return { kind: 'ending' }

  const scheduled = status.conditions?.find((condition) => condition.type === 'PodScheduled')
  if (scheduled?.status === 'False') return { kind: 'unschedulable', message: schedulerWords(scheduled.message ?? scheduled.reason ?? '') }

  const step = statusOf(pod)
  const helper = statusOf(pod, helperContainer)
  if (step?.state?.running !== undefined) return { kind: 'running' }
  const failing = containerTrouble(step, warnings, supervisorImage) ?? containerTrouble(helper, warnings, supervisorImage)
  if (failing !== undefined) return failing

  if (spec.nodeName === undefined || spec.nodeName === '') return waiting('starting', 'waiting for the scheduler')
  const sandbox = status.conditions?.find((condition) => condition.type === 'PodReadyToStartContainers')?.status === 'True'
  const trouble = sandbox ? undefined : sandboxTrouble(warnings, [metadata.name ?? '', metadata.namespace ?? ''])
  if (trouble !== undefined) return trouble
  const pull = warnings.find(({ reason }) => reason === 'Pulling')
  if (pull === undefined) return waiting('starting', `starting on ${spec.nodeName}`)
  return waiting('pulling', `${pull.message.replace(/^Pulling image "?([^"]*)"?$/, 'pulling image $1')} on ${spec.nodeName}`)
}

const waiting = (kind: 'starting' | 'pulling' | 'volume' | 'network', message: string): Situation => ({ kind: 'waiting', reason: { kind, message } })

function containerTrouble(container: ContainerStatus | undefined, warnings: readonly Warning[], supervisorImage: string): Situation | undefined {
  const { waiting: wait, terminated } = container?.state ?? {}
  if (terminated !== undefined && container?.name === stepContainer) {
    return { kind: 'exited', message: exitWords(container.state), restarts: container.restartCount ?? 0 }
  }
  if (wait === undefined || container === undefined) return undefined
  const { reason = '', message = '' } = wait
  if (isPullReason(reason)) {
    const details = warnings.filter((warning) => warning.reason === 'Failed' && warning.message.startsWith('Failed to pull')).map((warning) => warning.message)
    const failure = readPullFailure(reason, message, details)
    const whose = container.name === helperContainer || names(failure.message, supervisorImage) ? 'supervisor' : 'step'
    return { kind: 'pull-failing', whose, ...failure }
  }
  switch (reason) {
    case '':
    case 'ContainerCreating':
    case 'PodInitializing':
      return undefined
    case 'CrashLoopBackOff':
      if (container.name !== stepContainer) return { kind: 'start-failing', stage: reason, message: exitWords(container.lastState) }
      return { kind: 'exited', message: exitWords(container.lastState), restarts: container.restartCount ?? 0 }
    default:
      return { kind: 'start-failing', stage: reason, message: `${reason}: ${message}`.slice(0, 2000) }
  }
}

function exitWords(state: ContainerStatus['state']): string {
  const ended = state?.terminated
  if (ended === undefined) return 'it ended'
  const words = ended.message === undefined || ended.message === '' ? '' : `: ${ended.message.slice(0, 1000)}`
  if (ended.reason === 'OOMKilled') return 'it ran out of memory before it reported in: its memory limit is too small'
  return `it ended with status ${ended.exitCode ?? '?'} (${ended.reason ?? 'unknown reason'})${words}`
}

/** Whether a pull's error is about this image: its words hold the name, with or without a tag. */
function names(text: string, image: string): boolean {
  const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  // Not as the end of another image's name.
  return text.split(/[^\w./:@-]+/).some((word) => word === name || word.startsWith(`${name}:`) || word.startsWith(`${name}@`))
}

const schedulerWords = (message: string): string => message.replace(/\s*(?:no new claims to deallocate,?|preemption: .*$)/gs, '').trim() || 'no node takes it'

/** Sentences of kubelet, containerd, CRI-O and runc. */
const noUserNamespaces = /does not support user namespaces|can't set `?spec\.hostUsers|user namespaces? (?:is|are) not (?:supported|enabled)|doesn't support idmap|idmap(?:ped)? mounts? (?:is|are) not supported/i
const failingUserNamespaces = /(?:unshare|create|creating|start|join|enter|set up|configure|allocate) (?:a |the |new )*user ?(?:namespace|ns)\b|MOUNT_ATTR_IDMAP|\bid-?mapped (?:mount|layer)|(?:uid|gid)_?map\b/i

/** `names`: the pod's and the namespace's, which stand in many messages. */
function sandboxTrouble(warnings: readonly Warning[], names: readonly string[]): Situation | undefined {
  for (const { reason, message } of warnings) {
    const words = ownWords(message, names)
    const lasting = noUserNamespaces.test(words)
    if (lasting || failingUserNamespaces.test(words)) return { kind: 'no-user-namespaces', message, lasting }
    if (reason === 'FailedMount' || reason === 'FailedAttachVolume') return waiting('volume', message.slice(0, 1000))
    if (reason === 'FailedCreatePodSandBox') return { kind: 'sandbox-failing', message: message.slice(0, 1000) }
    if (reason === 'NetworkNotReady') return waiting('network', message.slice(0, 1000))
  }
  return undefined
}
