import type { ObjectMeta, Pod } from './client/objects.ts'
import { withoutWaited } from './sandboxes/waited.ts'

/**
 * What is kept of a pod: what its type says. The rest (who manages which field, above all) is several times as much, and the last
 * words of a thousand pods that are gone are kept too. Every pod that is read goes through here, so that a taken sandbox looks like any other.
 */
export function keptPod({ metadata = {}, spec = {}, status }: Pod): Pod {
  const { managedFields: _, ...meta } = metadata as ObjectMeta & { readonly managedFields?: unknown }
  const { nodeName, volumes } = spec
  return withoutWaited({
    metadata: meta,
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      ...(volumes !== undefined && { volumes: volumes.map(({ name }) => (name === undefined ? {} : { name })) }),
    },
    ...(status !== undefined && { status }),
  })
}
