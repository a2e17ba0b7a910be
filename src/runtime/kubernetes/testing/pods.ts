import type { ContainerStatus, Pod, PodCondition } from '../client/objects.ts'
import { stepContainer } from '../layout.ts'

export const condition = (type: string, status: 'True' | 'False', more: Omit<PodCondition, 'type' | 'status'> = {}): PodCondition => ({ type, status, ...more })

export const container = (state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: stepContainer,
  ready: state?.running !== undefined,
  restartCount: 0,
  ...(state === undefined ? {} : { state }),
  ...more,
})

/** A pod on node n1, scheduled. */
export const pod = (status: Pod['status'] = {}, more: Pod = {}): Pod => ({
  metadata: { name: 'p', uid: 'u', ...more.metadata },
  spec: { nodeName: 'n1', ...more.spec },
  status: { phase: 'Pending', conditions: [condition('PodScheduled', 'True')], ...status },
})

export const running = container({ running: { startedAt: '2026-01-01T00:00:00Z' } })
