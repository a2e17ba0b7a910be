import { describe, expect, it } from 'vitest'
import { endingOf, neverStarted, nodeNotReady } from './endings.ts'
import { condition, container, pod, running } from './testing/pods.ts'

const terminated = (reason: string, exitCode: number) => container({ terminated: { reason, exitCode } })

describe('endingOf', () => {
  it.each([
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }), 'node n1 evicted the container: The node was low on resource: memory.', false],
    ['shut down', pod({ phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }), 'node n1 was shut down: Pod was terminated in response to imminent node shutdown.', false],
    ['not admitted', pod({ phase: 'Failed', reason: 'OutOfcpu', message: 'Node didn\'t have enough resource: cpu' }), "node n1 did not keep the pod (OutOfcpu): Node didn't have enough resource: cpu", false],
    ['drained', pod({ conditions: [condition('DisruptionTarget', 'True', { reason: 'EvictionByEvictionAPI' })], containerStatuses: [terminated('Error', 143)] }), 'the pod was evicted, as when its node is drained (node n1)', false],
    ['preempted', pod({ conditions: [condition('DisruptionTarget', 'True', { reason: 'PreemptionByScheduler' })] }), 'the pod had to make room for one of higher priority (node n1)', false],
    ['its node is gone', pod({ phase: 'Failed', conditions: [condition('DisruptionTarget', 'True', { reason: 'DeletionByPodGC' })] }), 'its node no longer exists (node n1)', true],
    ['out of memory', pod({ containerStatuses: [terminated('OOMKilled', 137)] }), 'the container ran out of memory', false],
    ['ended by itself', pod({ phase: 'Succeeded', containerStatuses: [terminated('Completed', 0)] }), 'the supervisor ended by itself: nobody had spoken to it for too long', false],
    ['deleted', pod({ containerStatuses: [terminated('Error', 143)] }), 'the pod was removed from outside', false],
    ['deleted, and failed of it', { ...pod({ phase: 'Failed', containerStatuses: [terminated('Error', 137)] }), metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, 'the pod was removed from outside', false],
    ['deleted by force', pod({ containerStatuses: [running] }), 'the pod was removed from outside', true],
    ['deleted before it had a node', { metadata: {}, spec: {} }, 'the pod was removed from outside', false],
  ])('%s', (_name, one, message, mayStillRun) => {
    expect(endingOf(one)).toEqual({ kind: 'lost', message, mayStillRun })
  })
})

it('knows the mark that the node controller leaves', () => {
  expect(nodeNotReady(pod({ conditions: [condition('Ready', 'False')], containerStatuses: [running] }))).toBe(true)
  expect(nodeNotReady(pod({ conditions: [condition('Ready', 'False')], containerStatuses: [{ ...running, ready: false }] }))).toBe(false)
  expect(nodeNotReady(pod({ conditions: [condition('Ready', 'True')], containerStatuses: [running] }))).toBe(false)
})

it('knows what never started', () => {
  expect(neverStarted(pod())).toBe(true)
  expect(neverStarted(pod({ containerStatuses: [container({ waiting: { reason: 'ErrImagePull' } })] }))).toBe(true)
  expect(neverStarted(pod({ containerStatuses: [running] }))).toBe(false)
  expect(neverStarted(pod({ containerStatuses: [terminated('Error', 1)] }))).toBe(false)
})
