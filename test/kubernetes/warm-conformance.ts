import { afterAll, describe, expect } from 'vitest'
import type { ConformanceHarness } from '../../src/runtime/conformance/harness.ts'
import { describeRuntime } from '../../src/runtime/conformance/describe-runtime.ts'
import type { Runtime } from '../../src/runtime/contract.ts'
import type { KubernetesOptions } from '../../src/runtime/kubernetes/index.ts'
import { kindFor } from '../../src/runtime/kubernetes/sandboxes/kind.ts'
import { until } from '../services/wait.ts'
import { kubernetesHarness } from './harness.ts'
import { readySandboxes, type ReadySandboxes } from './ready-sandboxes.ts'

/**
 * What differs in a pod that waited: how a container starts, is adopted and removed, how images come, what a step may see. The rest is
 * the supervisor's; and restarts, which leave a server without sandboxes, have tests of their own (warm-sandboxes.test.ts).
 */
const only = ['process', 'container', 'keep out', 'lifecycle', 'images'] as const
/** Of about 50 cases. Some need a pod of their own, and on a busy node a sandbox is not always ready in time. */
const least = 10

/** The suite with sandboxes that wait for steps. */
export function describeWarmRuntime(options: Pick<KubernetesOptions, 'delivery' | 'transport'>): void {
  describe('with warm sandboxes', () => {
    const sandboxes = readySandboxes()
    afterAll(() => expect(sandboxes.taken.size).toBeGreaterThanOrEqual(least))
    const make = async () => whenReady(await kubernetesHarness({ options: { ...options, warmSandboxes: 3, log: sandboxes.log } }), sandboxes)
    describeRuntime(`kubernetes, ${options.delivery}, ${options.transport}`, make, { only })
  })
}

/** A harness whose steps begin when a sandbox is ready, if they can use one and one is made for the step before. */
function whenReady(harness: ConformanceHarness, { ready }: ReadySandboxes): ConformanceHarness {
  let asked = false
  const waiting = (runtime: Runtime): Runtime =>
    Object.create(runtime, {
      prepare: {
        value: async (...[spec, options]: Parameters<Runtime['prepare']>) => {
          const could = kindFor(spec) !== undefined && options.adopting !== true
          if (could && asked) await until('a sandbox', () => Promise.resolve(ready.size > 0 || options.signal.aborted), { seconds: 15 }).catch(() => {})
          asked ||= could
          return runtime.prepare(spec, options)
        },
      },
    }) as Runtime
  return Object.create(harness, { runtime: { get: () => waiting(harness.runtime) } }) as ConformanceHarness
}
