import { createKit } from '../../src/runtime/conformance/kit.ts'
import type { ContainerSpec } from '../../src/runtime/contract.ts'
import { kindFor } from '../../src/runtime/kubernetes/sandboxes/kind.ts'
import { until } from '../services/wait.ts'
import { kubernetesHarness, type HarnessOptions } from './harness.ts'
import { readySandboxes } from './ready-sandboxes.ts'

export interface PodShown {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>>; readonly deletionTimestamp?: string }
  readonly spec: { readonly containers: readonly { readonly imagePullPolicy?: string }[] }
  readonly status: { readonly containerStatuses?: readonly { readonly containerID?: string; readonly state?: { readonly running?: object } }[] }
}

/** A namespace with sandboxes, and the tools of its tests. */
export async function warmWorld(where: HarnessOptions = {}) {
  const { log, ready, troubles } = readySandboxes()
  const harness = await kubernetesHarness({ ...where, options: { warmSandboxes: 2, log, ...where.options } })
  const kit = createKit(harness)
  const pods = async (selector: string): Promise<readonly PodShown[]> => {
    const found = await harness.cluster.kubectl(['get', 'pods', '-n', harness.namespace.name, '-l', selector, '-o', 'json'])
    return (JSON.parse(found) as { items: PodShown[] }).items
  }
  const waiting = async (spec: ContainerSpec) =>
    (await pods('airside.dev/sandbox=warm')).filter(
      ({ metadata, spec: { containers } }) => ready.has(metadata.name) && metadata.deletionTimestamp === undefined && containers[0]?.imagePullPolicy === kindFor(spec)?.pullPolicy,
    )
  const ofHandle = (handle: string) => pods(`airside.dev/container=${handle}`)
  return {
    harness,
    kit,
    pods,
    ofHandle,
    /** So many sandboxes wait that such a step can take, after such steps needed them. */
    async warmed(count = 1, need: Partial<ContainerSpec> = {}): Promise<readonly PodShown[]> {
      for (let n = 0; n < count; n += 1) await (await kit.prepare(kit.spec(need))).release({ keep: false })
      // None is made for two minutes after the node or a quota had no room.
      return until('warm sandboxes', async () => {
        const found = await waiting(kit.spec(need))
        return found.length >= count && found
      }, { why: () => Promise.resolve(troubles.join('\n')) })
    },
    async stop() {
      await kit.clean()
      await harness.stop()
    },
  }
}
