import type { ArtifactRef } from '../../model/artifact.ts'
import type { ImageSource } from '../../model/image.ts'
import type { Assignment, Runtime } from '../contract.ts'

/** What the suite needs to test a runtime; each runtime's test file makes its own. */
export interface ConformanceHarness {
  /** The current runtime; `restartServer` replaces it. */
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
    /** An image that is not in its registry. */
    readonly missing: ImageSource
    /** The same image with and without the credentials that its registry requires. It was not pulled before. */
    readonly private: ImageSource
    readonly privateDenied: ImageSource
    /** An image whose layer its registry never sends. */
    readonly stalled: ImageSource
  }
  /** Lets the registry send the private image's layers. Until then a pull waits for them. */
  releasePrivateImage(): void
  readonly faults: {
    /** Restarts the server as after a kill -9: connections, rendezvous and runtime are dropped without a message, and made anew. */
    restartServer(): Promise<void>
    /** The same, with `while` called when no server is there. */
    withoutServer(whileDown: () => Promise<void>): Promise<void>
    /** Removes the container without the runtime. */
    removeFromOutside(handle: string): Promise<void>
    /** Kills the container's PID 1. */
    killSupervisor(handle: string): Promise<void>
    /** Stops the container's PID 1, which answers no longer. */
    stopSupervisor(handle: string): Promise<void>
    /** Runs a shell script in the container without the runtime, and returns its stdout. Rejects if it fails. */
    inside(handle: string, script: string): Promise<string>
  }
  /** Whether the engine or cluster has a container of this handle, without asking the runtime. */
  exists(handle: string): Promise<boolean>
  /**
   * Whether the container has no network: none but its own loopback, or a network policy that lets nothing in or out, where a cluster
   * has to enforce that.
   */
  isCutOff(handle: string): Promise<boolean>
  /** The process that runs a shell script; default: `/bin/sh -c`. */
  readonly script?: (text: string) => Pick<Assignment['process'], 'path' | 'args'>
  stop(): Promise<void>
}
