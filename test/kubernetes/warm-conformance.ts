import { afterAll, describe, expect } from 'vitest'
import { silentLog } from '../../src/lib/log.ts'
import { describeRuntime } from '../../src/runtime/conformance/describe-runtime.ts'
import type { KubernetesOptions } from '../../src/runtime/kubernetes/index.ts'
import { kubernetesHarness } from './harness.ts'

/**
 * What differs in a pod that waited: how a container starts, is adopted and removed, how images come, what a step may see. The rest is
 * the supervisor's; and restarts, which leave a server without sandboxes, have tests of their own (warm-sandboxes.test.ts).
 */
const only = ['process', 'keep out', 'lifecycle', 'images'] as const

/** The suite with sandboxes that wait for steps. `least`: so many steps must have taken one. */
export function describeWarmRuntime(options: Pick<KubernetesOptions, 'delivery' | 'transport'>, least: number): void {
  describe('with warm sandboxes', () => {
    let taken = 0
    afterAll(() => expect(taken).toBeGreaterThanOrEqual(least))
    const log = { ...silentLog, debug: (_about: object, message?: string) => void (taken += message === 'a step takes a warm sandbox' ? 1 : 0) }
    const make = () => kubernetesHarness({ options: { ...options, warmSandboxes: 8, log } })
    describeRuntime(`kubernetes, ${options.delivery}, ${options.transport}`, make, { timeout: 120_000, only })
  })
}
