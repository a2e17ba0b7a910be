import { expect, test } from 'vitest'
import type { Pod } from './client/objects.ts'
import { keptPod } from './kept-pod.ts'

test('of a pod what is needed is kept, and nothing of who manages what', () => {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ name: 'step', state: { running: {} } }] }
  const metadata = { name: 'p', uid: 'u', resourceVersion: '7', labels: { a: 'b' }, annotations: { c: 'd' }, deletionTimestamp: 'now' }
  const pod = {
    apiVersion: 'v1',
    metadata: { ...metadata, managedFields: [{ manager: 'kubelet' }] },
    spec: { nodeName: 'n', containers: [{ name: 'step', env: [{ name: 'A', value: 'long' }] }], volumes: [{ name: 'token', projected: {} }] },
    status,
  }
  expect(keptPod(pod as Pod)).toEqual({ metadata, spec: { nodeName: 'n', volumes: [{ name: 'token' }] }, status })
})

test('a pod without fields is kept as it is', () => {
  expect(keptPod({})).toEqual({ metadata: {}, spec: {} })
})
