import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import type { Assignment, Runtime } from '../contract.ts'

/** What the suite needs of a runtime's world: made by each runtime's own test file. */
export interface ConformanceHarness {
  /** The runtime that is there now; another one after `restartServer`. */
  readonly runtime: Runtime
  /** The store that the server's rendezvous serves; tar streams. */
  readonly artifacts: {
    put(tar: Uint8Array): Promise<ArtifactRef>
    get(artifact: ArtifactRef): Promise<Uint8Array>
  }
  readonly images: {
    /** A shell and the usual tools; /etc/passwd has `app` (1000, home /home/app), also in group `extra` (2000). */
    readonly busybox: ImageSource
    /** Nothing but the static binary /hello: `/hello exit N | echo WORDS | cat | write FILE TEXT | read FILE | sleep S`. */
    readonly scratch: ImageSource
    /** Not in its registry. */
    readonly missing: ImageSource
    /** The same image with and without the credentials that its registry wants; not pulled before. */
    readonly private: ImageSource
    readonly privateDenied: ImageSource
    /** Its registry holds the layer back for ever. */
    readonly stalled: ImageSource
  }
  /** The registry gives the private image's layers out from now on; a pull waits for them until then. */
  releasePrivateImage(): void
  readonly faults: {
    /** As kill -9 and a new start: connections, rendezvous and runtime are gone without a word, then there are new ones. */
    restartServer(): Promise<void>
    /** The same with time between: `while` runs when no server is there. */
    withoutServer(whileDown: () => Promise<void>): Promise<void>
    /** Someone else removes the container. */
    removeFromOutside(handle: string): Promise<void>
    /** Someone else kills its PID 1. */
    killSupervisor(handle: string): Promise<void>
    /** Someone else stops its PID 1, which answers nobody from then on. */
    stopSupervisor(handle: string): Promise<void>
    /** Runs a shell script in the container, past the runtime; its stdout. Rejects when it fails. */
    inside(handle: string, script: string): Promise<string>
  }
  /** Whether the engine or cluster has a container of this handle; asked past the runtime. */
  exists(handle: string): Promise<boolean>
  /** How a process is said that does what a shell script says; default: `/bin/sh -c`. */
  readonly script?: (text: string) => Pick<Assignment['process'], 'path' | 'args'>
  stop(): Promise<void>
}

export interface SuiteOptions {
  /** Cases by name that this runtime cannot mean. */
  readonly skip?: readonly string[]
  /** For one case, ms. */
  readonly timeout?: number
}
