import { expect, test } from 'vitest'
import type { ContainerStatus, Pod } from '../client/objects.ts'
import { endingOf, neverStarted } from '../endings.ts'
import { situationOf } from '../situation.ts'
import { container, pod } from '../testing/pods.ts'
import { withoutWaited } from './waited.ts'

const waited = 'containerd://old'
const ended = { terminated: { exitCode: 3, reason: 'Error', containerID: waited } }
const taken = (step: ContainerStatus, more: Pod['status'] = {}): Pod =>
  withoutWaited(pod({ phase: 'Running', containerStatuses: [step], ...more }, { metadata: { name: 'p', uid: 'u', annotations: { 'airside.dev/waited-container': waited } } }))
const situation = (step: ContainerStatus) => situationOf(taken(step), [], 'supervisor')

test('a taken sandbox whose old container still runs, or has ended, is starting', () => {
  for (const state of [{ running: {} }, ended]) {
    const old = container(state, { containerID: waited, imageID: 'supervisor@sha256:1' })
    expect(situation(old)).toMatchObject({ kind: 'waiting', reason: { kind: 'starting' } })
    expect(neverStarted(taken(old))).toBe(true)
    expect(taken(old).status?.containerStatuses?.[0]).not.toHaveProperty('imageID')
  }
})

test('a pull that fails in a taken sandbox is told though the old container’s end is there', () => {
  const message = 'failed to pull: not found'
  expect(situation(container({ waiting: { reason: 'ErrImagePull', message } }, { containerID: waited, lastState: ended }))).toMatchObject({ kind: 'pull-failing', whose: 'step', permanent: true })
})

test('the step’s own container is as the first of its pod', () => {
  const own = taken(container({ running: {} }, { containerID: 'containerd://new', restartCount: 1, lastState: ended }))
  expect(own.status?.containerStatuses).toEqual([container({ running: {} }, { containerID: 'containerd://new', restartCount: 0 })])
})

test('what ended the step’s own container earlier is kept', () => {
  const killed = { terminated: { exitCode: 137, reason: 'OOMKilled', containerID: 'containerd://first' } }
  const own = taken(container({ running: {} }, { containerID: 'containerd://second', restartCount: 2, lastState: killed }), { phase: 'Failed' })
  expect(own.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, lastState: killed })
  expect(endingOf(own).message).toBe('the container ran out of memory')
})

test('a pod that never waited is left as it is', () => {
  const plain = pod({ containerStatuses: [container(ended, { containerID: waited, restartCount: 1 })] })
  expect(withoutWaited(plain)).toBe(plain)
})
