/**
 * What is recorded of a step for UI, API and the summary of a run: part of the step's record in the database. Every time is unix ms by
 * the server's clock, every list and text has a bound. What is absent is not known, or does not apply: a step whose result was cached
 * has no container.
 */
export interface StepReport {
  readonly times: StepTimes
  /** In the order in which they began. */
  readonly waits: readonly StepWait[]
  /** Waits beyond the bound, which are only counted. */
  readonly moreWaits?: number
  readonly image?: ImageReport
  readonly container?: ContainerOrigin
  /** Of one that did not succeed: its container stays until then for people to enter, unless it is removed before. */
  readonly keptUntil?: number
  readonly outputs: readonly OutputReport[]
  /** Outputs beyond the bound, which are only counted. */
  readonly moreOutputs?: number
  /** It did not run: the build took it as it ended in this build of the same job. Nothing else but outputs is known of it then. */
  readonly reusedFrom?: string
}

export interface StepTimes {
  /** The runtime was asked for the container; before `turn` where it was prepared ahead. */
  readonly prepare?: number
  /** The image was on the node or engine. */
  readonly pulled?: number
  /** The container's supervisor reported in. */
  readonly ready?: number
  /** The step's turn came. */
  readonly turn?: number
  /** The process started. */
  readonly start?: number
  /** The process ended, or the step did that had none. */
  readonly end?: number
}

export interface StepWait {
  /** `registry`: the registry failed for now and was asked again later; others as the runtime's contract has them. */
  readonly reason: 'registry' | 'pulling' | 'unschedulable' | 'quota' | 'pull-error' | 'starting' | 'volume' | 'network'
  readonly message: string
  readonly from: number
  /** Absent: it was not over when this was written. */
  readonly to?: number
}

/** `shared`: it was there from a check of the same resource config before. `warm-sandbox`: started in a pod that waited for any step. */
export type ContainerOrigin = 'made' | 'prepared-ahead' | 'shared' | 'warm-sandbox'

export interface ImageReport {
  /** As the runtime was given it; of an artifact, its name. */
  readonly reference: string
  readonly digest?: string
  readonly by: 'check' | 'pin' | 'tag' | 'node' | 'artifact' | 'base-type'
  /** The registry that it is pulled from. */
  readonly host?: string
  /** Why it was not pulled by the node: of an artifact. */
  readonly whyNot?: string
  /** What the image policy said, where there is one: it allowed the image, perhaps with warnings. */
  readonly policy?: { readonly reasons: readonly string[] }
  /** Requests that this server sent to registries for it, those for tokens included. */
  readonly requests: number
  /** Bytes of its layers that went through this server: none where the node pulls it from its registry. */
  readonly layerBytes: number
  /** How long finding it took when the step's turn came, ms. */
  readonly ms?: number
  /** Of the node that it runs on: `linux/amd64`. */
  readonly platform?: string
  /** Node or engine that it runs on. */
  readonly node?: string
  readonly pull?: { readonly kind: 'cached' } | { readonly kind: 'pulled'; readonly ms: number }
}

export interface OutputReport {
  readonly name: string
  readonly bytes: number
}
