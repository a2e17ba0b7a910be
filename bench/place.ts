import type { RuntimeOptions } from '../src/app/options.ts'

/** Where benches run: a runtime, a registry beside it, an image that is there already. */
export interface Place {
  readonly kind: 'docker' | 'kubernetes'
  /** For people: what answers, in which version. */
  readonly description: string
  readonly runtime: RuntimeOptions
  /** The same for a server of its own process. */
  readonly flags: readonly string[]
  /** `host:port`; it speaks plain HTTP. */
  readonly registry: string
  /** `host:port/name`, with busybox under the tag `1`; on the node from the start. */
  readonly repository: string
  /** The least this runtime needs from being asked for a container to that container's first byte here. */
  floor(): Promise<FloorRun>
  /** Pushes an image of so many MB of noise that nobody has yet; gives its repository (tag `1`). */
  pushBig(name: string, megabytes: number): Promise<string>
  /** Takes every image of a repository off the node. */
  forgetImage(repository: string): Promise<void>
  /** Milliseconds that the runtime itself needs to get this image (tag `1`). */
  pull(repository: string): Promise<number>
  close(): Promise<void>
}

export interface FloorRun {
  readonly ms: number
  /** Resolves when its container is gone: what is measured next is not measured beside that. */
  readonly gone: Promise<void>
}
