import type { ContainerSpec } from '../../contract.ts'
import { mustAsk, pullPolicy } from '../pod-spec.ts'
import { resourcesOf, type Resources } from '../resources.ts'
import type { Settings } from '../options.ts'

/** What of a sandbox is fixed when it is made and differs between steps. */
export interface SandboxKind {
  readonly pullPolicy: 'Always' | 'IfNotPresent'
  /** Of its node, one of these; empty: any. Sorted. */
  readonly architectures: readonly string[]
}

/**
 * The kind of sandbox that a step could use; undefined: only a pod of its own will do. A guess takes one too: a pod that is made for
 * it beside the step before has less of the processor, and is not ready when a short step ends.
 */
export function kindFor({ image, architectures, privileged, hermetic, tags = [] }: Pick<ContainerSpec, 'image' | 'architectures' | 'privileged' | 'hermetic' | 'tags'>): SandboxKind | undefined {
  if (privileged || hermetic === true || tags.length > 0 || image.kind !== 'registry') return undefined
  return { pullPolicy: pullPolicy(image.reference, mustAsk(image)), architectures: [...new Set(architectures)].sort() }
}

export function fits(sandbox: SandboxKind, wanted: SandboxKind): boolean {
  if (sandbox.pullPolicy !== wanted.pullPolicy) return false
  if (wanted.architectures.length === 0) return true
  return sandbox.architectures.length > 0 && sandbox.architectures.every((name) => wanted.architectures.includes(name))
}

/** What a step's container asks for, next to what every sandbox has. */
export type Fitting =
  | { readonly kind: 'same' }
  | { readonly kind: 'resize'; readonly resources: Resources }
  /** It asks the node for more than the sandbox was given: the node may not have that, and the step would run without. */
  | { readonly kind: 'too-large' }

export function fitting({ limits }: Pick<ContainerSpec, 'limits'>, { requests, cpuLimit }: Pick<Settings, 'requests' | 'cpuLimit'>): Fitting {
  const [has, needs] = [resourcesOf({}, requests, cpuLimit), resourcesOf(limits, requests, cpuLimit)]
  if (JSON.stringify(has) === JSON.stringify(needs)) return { kind: 'same' }
  const amount = (resources: Resources, name: string): number => Number.parseInt(resources.requests[name] ?? '', 10)
  return ['cpu', 'memory'].some((name) => amount(needs, name) > amount(has, name)) ? { kind: 'too-large' } : { kind: 'resize', resources: needs }
}
