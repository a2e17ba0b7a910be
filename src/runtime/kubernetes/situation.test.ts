import { describe, expect, it } from 'vitest'
import { helperContainer } from './layout.ts'
import { situationOf } from './situation.ts'
import { condition, container, pod, running } from './testing/pods.ts'

const supervisor = 'r.io/airside-supervisor:1'
const of = (one: Parameters<typeof situationOf>[0], warnings: Parameters<typeof situationOf>[1] = []) => situationOf(one, warnings, supervisor)
const waits = (reason: string, message = '', name?: string) => container({ waiting: { reason, message } }, name === undefined ? {} : { name })

describe('situationOf', () => {
  it('tells why the scheduler has no node, without its thoughts on preemption', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.'
    const waiting = { ...pod({ conditions: [condition('PodScheduled', 'False', { reason: 'Unschedulable', message })] }), spec: {} }
    expect(of(waiting)).toEqual({ kind: 'unschedulable', message: '0/3 nodes are available: 3 Insufficient cpu.' })
  })

  it.each([
    ['no status yet', { metadata: {} }, [], 'starting', 'waiting for the scheduler'],
    ['on its node', pod(), [], 'starting', 'starting on n1'],
    ['a pull has begun', pod(), [{ reason: 'Pulling', message: 'Pulling image "r.io/a:1"' }], 'pulling', 'pulling image r.io/a:1 on n1'],
    ['a volume is missing', pod(), [{ reason: 'FailedMount', message: 'MountVolume.SetUp failed' }], 'volume', 'MountVolume.SetUp failed'],
    ['no network yet', pod(), [{ reason: 'NetworkNotReady', message: 'cni plugin not initialized' }], 'network', 'cni plugin not initialized'],
    [
      'old trouble is over once the sandbox stands',
      pod({ conditions: [condition('PodReadyToStartContainers', 'True')] }),
      [{ reason: 'FailedCreatePodSandBox', message: 'x' }],
      'starting',
      'starting on n1',
    ],
  ])('waits: %s', (...[, one, warnings, kind, message]) => {
    expect(of(one, warnings)).toEqual({ kind: 'waiting', reason: { kind, message } })
  })

  it('tells that a node could not make the sandbox', () => {
    const message = 'no IP addresses available in range set'
    expect(of(pod(), [{ reason: 'FailedCreatePodSandBox', message }])).toEqual({ kind: 'sandbox-failing', message })
  })

  it('tells whose image cannot be pulled', () => {
    expect(of(pod({ containerStatuses: [waits('ErrImagePull', 'pulling r.io/a:1: not found')] }))).toMatchObject({ kind: 'pull-failing', whose: 'step', permanent: true })
    expect(of(pod({ containerStatuses: [waits('ErrImagePull', 'failed to resolve reference "r.io/airside-supervisor:1": not found')] }))).toMatchObject({ whose: 'supervisor' })
    expect(of(pod({ containerStatuses: [waits('ContainerCreating'), waits('ImagePullBackOff', 'not found', helperContainer)] }))).toMatchObject({ whose: 'supervisor' })
  })

  it('tells a container that cannot be made or started', () => {
    expect(of(pod({ containerStatuses: [waits('CreateContainerConfigError', 'container has runAsNonRoot')] }))).toMatchObject({ kind: 'start-failing', stage: 'CreateContainerConfigError' })
    const ended = container({ terminated: { exitCode: 128, reason: 'StartError', message: 'exec format error' } })
    expect(of(pod({ containerStatuses: [ended] }))).toEqual({ kind: 'exited', restarts: 0, message: 'it ended with status 128 (StartError): exec format error' })
  })

  it('knows a node without user namespaces', () => {
    const warnings = [{ reason: 'FailedCreatePodSandBox', message: "can't set `spec.hostUsers: false`, RuntimeClass handler \"\" does not support user namespaces" }]
    expect(of(pod(), warnings)).toMatchObject({ kind: 'no-user-namespaces' })
  })

  it.each(['p-idmap-support-b1-task-1a2b3c4d', 'user-namespaces-hostusers-b1-task-1a2b3c4d'])('believes no pod called %s that there are no user namespaces', (name) => {
    const message = `Failed to create pod sandbox: failed to setup network for sandbox "00": plugin "support" failed: pod ${name}_ci: no addresses`
    expect(of(pod({}, { metadata: { name, namespace: 'ci' } }), [{ reason: 'FailedCreatePodSandBox', message }])).toMatchObject({ kind: 'sandbox-failing' })
  })

  it('does not take an image whose name ends as the supervisor’s for the supervisor’s', () => {
    const message = 'failed to resolve reference "x.io/r.io/airside-supervisor:1": not found'
    expect(of(pod({ containerStatuses: [waits('ErrImagePull', message)] }))).toMatchObject({ whose: 'step' })
  })

  it('runs, or is over', () => {
    expect(of(pod({ containerStatuses: [running] }))).toEqual({ kind: 'running' })
    expect(of(pod({ phase: 'Failed' }))).toEqual({ kind: 'ending' })
    expect(of(pod({}, { metadata: { deletionTimestamp: 'now' } }))).toEqual({ kind: 'ending' })
  })
})
