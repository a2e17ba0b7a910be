import type { RuntimeOptions } from '../src/app/options.ts'
import type { Image } from '../test/services/oci-image.ts'
import type { RegistryAccess } from '../test/services/registry-access.ts'

/** Where benches run: a runtime, a registry beside it, an image that is there already. */
export interface Place {
  readonly kind: 'docker' | 'kubernetes'
  /** For people: what answers, in which version. */
  readonly description: string
  readonly runtime: RuntimeOptions
  /** `host:port`; it speaks plain HTTP. */
  readonly registry: string
  /** `host:port/name`, with busybox under the tag `1`; on the node from the start. */
  readonly repository: string
  /** Resolves when so many pods wait for steps of an installation; absent: this runtime has none. */
  readonly warmed?: (installation: string, count: number) => Promise<void>
  /** The least this runtime needs from being asked for a container to that container's first byte here. */
  floor(): Promise<FloorRun>
  /** A bare container prints what `script` prints, and the runtime's own log of it is followed from before its first byte to its end. */
  followLog(script: string): Promise<FollowedLog>
  /** A bare container of `repository` (tag `1`, `pull`ed) runs a script; resolves when it is gone. */
  bare(repository: string, script: string): Promise<void>
  /** How a bare container reaches a server of this process: listen there, and give the container the URL. */
  readonly toHost: { readonly listen: ListenOn; url(port: number): string }
  /** Pushes an image under the tag `1`; gives its repository. */
  push(name: string, image: Image): Promise<string>
  /** Takes every image of a repository (or of a whole registry, `host:port`) off the node. */
  forgetImage(repository: string): Promise<void>
  /** Milliseconds that the runtime itself needs to get this image (tag `1`). */
  pull(repository: string): Promise<number>
  /** A registry of its own; it goes with the place, and so do the images that the node has from it. */
  openRegistry(): Promise<PlaceRegistry>
  close(): Promise<void>
}

export interface PlaceRegistry {
  /** `host:port` as the runtime pulls from it; it speaks plain HTTP. */
  readonly host: string
  /** `host:port` by which containers reach the same images. */
  readonly inside: string
  /** Begins to look; the function gives what was asked since, by whichever name. */
  watch(): Promise<() => Promise<RegistryAccess[]>>
}

export interface FloorRun {
  readonly ms: number
  /** Resolves when its container is gone: what is measured next is not measured beside that. */
  readonly gone: Promise<void>
}

export interface FollowedLog {
  /** From the first byte to the end. */
  readonly ms: number
  readonly text: string
}

export type ListenOn = { readonly host: string } | { readonly path: string }

/** Whether a name is an image's of a repository, or of a registry. */
export const isOf = (name: string, of: string): boolean => [':', '@', '/'].some((end) => name.startsWith(of + end))
