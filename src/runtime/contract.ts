import type { Duplex } from 'node:stream'
import type { ArtifactRef } from '../model/artifact.ts'
import type { ImageSource } from '../model/image.ts'
import type { Result } from '../model/result.ts'
import type { Assignment, ContainerMetadata, ProcessOutcome, ProcessToEnter, StepType } from '../model/container.ts'

export type { Assignment, ContainerMetadata, ProcessOutcome, StepType } from '../model/container.ts'

/**
 * What a runtime is to the engine: something that makes a container ready. All that then happens in the container
 * is said over the supervisor protocol (supervisor/PROTOCOL.md), which a runtime gets through its Rendezvous.
 */
export interface Runtime {
  readonly name: string
  readonly capabilities: RuntimeCapabilities
  /**
   * Makes a container ready, or adopts the one of this handle (same incarnation, not terminating, same spec hash).
   * Resolves when the supervisor has reported in. Calling it twice, or again after a restart, never makes two containers.
   * After an abort by signal nothing is left, unless `adopting` says that an assignment had been sent.
   */
  prepare(spec: ContainerSpec, options: PrepareOptions): Promise<Result<Container, PrepareError>>
  /**
   * The running container of this handle, also one that another process made: for intercept. Never creates, starts or removes one.
   * Where no process has it, its step must be over: what its supervisor has not delivered of it is dropped.
   */
  attach(handle: string, signal: AbortSignal): Promise<Result<Container, AttachError>>
  /** Removes a container by handle; absent is fine. Resolves when it is confirmed gone. */
  remove(handle: string): Promise<void>
  /** All containers of this installation, of all processes. */
  list(): Promise<readonly ContainerInfo[]>
  /** The containers it created since it started, for proofs ("0 get containers for images"); the newest, where they are very many. */
  readonly creations: readonly ContainerCreation[]
  start(): Promise<void>
  /** Stops watching; leaves containers as they are. */
  stop(): Promise<void>
}

export interface RuntimeCapabilities {
  /** The runtime pulls registry images itself: no `get` step downloads them. */
  readonly nativeImageFetch: boolean
  /** Why an image that is an artifact cannot run here, and what to do about it; absent: it can. */
  readonly noArtifactImages?: string
}

export interface ContainerSpec {
  /** Deterministic name, `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 characters; unique over installation, build, plan id and incarnation. */
  readonly handle: string
  readonly type: StepType
  readonly image: ImageSource
  /** Architectures the image has; empty = unknown. */
  readonly architectures: readonly string[]
  readonly privileged: boolean
  /** `cpu` in shares (1024 = one core), `memory` in bytes; 0 or absent: no limit. */
  readonly limits: { readonly cpu?: number; readonly memory?: number }
  /** It has no network but the supervisor's own way to the server. */
  readonly hermetic?: boolean
  /** It runs only where all of these are offered (Concourse: worker tags). Sorted, each once; absent: anywhere. */
  readonly tags?: readonly string[]
  readonly metadata: ContainerMetadata
  /** Prepared ahead: deleted rather than waited for when there is no room. */
  readonly guess: boolean
}

export interface PrepareOptions {
  readonly signal: AbortSignal
  /** Why it waits; again when the reason changes. */
  readonly onReason: (reason: WaitReason) => void
  /**
   * Set after a restart, when the database says an assignment was sent: a container that is not there is then an error
   * (`lost`), never made anew, since the step's process may have run.
   */
  readonly adopting?: boolean
  /** With `adopting`: highest sequence number of its records that is durable. */
  readonly acked?: number
}

export type WaitReason =
  | { readonly kind: 'pulling'; readonly message: string; readonly progress?: { readonly bytes: number; readonly total: number } }
  | { readonly kind: 'unschedulable' | 'quota' | 'pull-error' | 'starting' | 'volume' | 'network'; readonly message: string }

export type PrepareError =
  | { readonly kind: 'image-pull'; readonly message: string; readonly image: string }
  | { readonly kind: 'no-room'; readonly message: string } // only for guesses
  | { readonly kind: 'rejected'; readonly message: string } // the engine or API server refuses the spec
  | { readonly kind: 'unavailable'; readonly message: string } // the engine or API server cannot be reached
  | { readonly kind: 'lost'; readonly message: string; readonly mayStillRun: boolean }
  | { readonly kind: 'died'; readonly message: string } // ended before its supervisor reported in
  | { readonly kind: 'aborted' }

export type AttachError =
  | { readonly kind: 'ended'; readonly message: string } // gone, or its supervisor has ended
  | { readonly kind: 'unavailable'; readonly message: string } // engine, API server or supervisor do not answer

export interface Container {
  readonly handle: string
  /** Node name or engine; for logs and the summary. */
  readonly host: string
  /** Of its node, as Go names it: `amd64`; absent: not known. */
  readonly architecture?: string
  /** What the runtime says it runs, where it knows: `repo@sha256:…`. */
  readonly imageDigest?: string
  /** The same, waited for where a runtime hears of it after the start; undefined: it will not, or not before the signal. */
  imageFound?(signal: AbortSignal): Promise<string | undefined>
  /** Whether it was started in a pod that had been made ahead for any step. */
  readonly warmSandbox?: boolean
  /** How its image came to be there; may be known only some time after it reported in. Absent: not known, as of one that was adopted. */
  readonly imagePull?: ImagePull
  /**
   * Sends the assignment, or attaches to it if the supervisor has it already (same id). `sink` gets each record once, in
   * order; what the sink's promise resolves with (after its commit) is acknowledged. Aborting the signal sends the
   * protocol's abort and still waits for the result.
   */
  assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal): Promise<Result<AssignmentResult, ContainerLost>>
  /** Starts a process beside the main assignment, with a person at its other end. It ends with the container, or when the signal aborts. */
  intercept(process: InterceptedProcess, options: InterceptOptions): Interception
  /** A guess; may be ignored or repeated. */
  prefetch(artifacts: readonly ArtifactRef[]): void
  /** Ends the supervisor and removes the container; `keep`: leaves it for intercept for so long, after which it ends by itself. */
  release(options: { readonly keep: false | { readonly seconds: number } }): Promise<void>
}

/** `at`: when the image was on the node or engine, unix ms by this process's clock. */
export type ImagePull = { readonly at: number } & ({ readonly kind: 'cached' } | { readonly kind: 'pulled'; /** How long it took. */ readonly ms: number })

export type InterceptedProcess = ProcessToEnter

export interface InterceptOptions {
  /**
   * Called in order, one at a time. A call that takes long holds the next one back (and, after a while, the step's own log
   * too); one that takes longer than ten seconds ends the process.
   */
  readonly onOutput: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void
  /** Hangs up: HUP where there is a terminal, else TERM, then KILL. */
  readonly signal: AbortSignal
}

export interface Interception {
  /**
   * Resolves when more may be written. What is under way when the connection to the container breaks may be lost: a person
   * types it again. `eof`: nothing more will come.
   */
  write(data: Uint8Array, eof?: boolean): Promise<void>
  resize(columns: number, rows: number): void
  /** Never rejects. Resolves when all output was given to `onOutput`. */
  readonly result: Promise<Result<ProcessOutcome, ContainerLost>>
}

export interface ContainerLost {
  readonly kind: 'lost'
  /** A sentence that a user understands: evicted, node gone, removed from outside, out of memory … */
  readonly message: string
  readonly mayStillRun: boolean
}

export interface ContainerInfo {
  readonly handle: string
  readonly metadata: ContainerMetadata
  readonly type: StepType
  readonly guess: boolean
  readonly state: 'preparing' | 'ready' | 'ended' | 'terminating'
}

/** So many creations are remembered: a server that runs for months does not grow by them. */
export const mostCreations = 10_000

export interface ContainerCreation {
  readonly handle: string
  readonly type: StepType
  readonly stepName: string
  readonly image: string
}

export type ContainerRecord = { readonly seq: number; /** unix ms */ readonly time: number } & (
  | { readonly kind: 'stdout' | 'stderr'; readonly data: Uint8Array }
  | { readonly kind: 'event'; readonly event: SupervisorEvent }
)

export type SupervisorEvent =
  | { readonly event: 'started'; readonly pid: number }
  | { readonly event: 'fetched'; readonly name: string; readonly size: number }
  | { readonly event: 'stored'; readonly name: string; readonly digest: string; readonly size: number }
  | { readonly event: 'spool-full' | 'spool-drained' | 'terminating' }
  | { readonly event: 'notice'; readonly text: string }

/**
 * Called with one batch at a time; resolves with the highest sequence number that is durable (it may lag behind the batch,
 * when a line is not complete yet), which the supervisor may forget then.
 */
export type RecordSink = (records: readonly ContainerRecord[]) => Promise<number>

export interface AssignmentResult {
  readonly outcome: ProcessOutcome
  readonly aborted: boolean
  readonly timedOut: boolean
  readonly startedAt?: number
  readonly exitedAt?: number
  /** What the process wrote to stdout, when the assignment said 'response'. */
  readonly response?: Uint8Array
  readonly outputs: readonly ({ readonly name: string; readonly artifact: ArtifactRef } | { readonly name: string; readonly error: string })[]
  /** Sequence number of the result record; the engine acknowledges it through `settled`. */
  readonly seq: number
  /** To be called when the result is durable: the supervisor may then forget it. */
  readonly settled: () => void
}

// ---- supervision's port: how a runtime learns who has reported in -------------------------------------------------------------

/** Implemented by supervision/; a runtime gets it when it is made. */
export interface Rendezvous {
  /** base64url SHA-256 of the server's public key (AIRSIDE_SERVER_KEY). */
  readonly serverKey: string
  /** `tcp://host:port` that containers dial, or undefined when there is none (tunnel only). */
  readonly homeAddress: string | undefined
  /** Says that a container of this handle may report in. One expectation per handle. */
  expect(handle: string, options: ExpectOptions): Expectation
}

export interface ExpectOptions {
  /** An assignment was sent earlier (before a restart): a supervisor without the session key gets none, and can only tell of a killed step. */
  readonly assigned: boolean
  /** Highest sequence number that was durable before a restart; 0 or absent: none. The welcome says it. */
  readonly acked?: number
  /** Its step is over, with everything it had to say: what comes of earlier assignments is dropped. */
  readonly over?: boolean
}

export interface Expectation {
  /**
   * The create call has returned: hellos that were held are decided now. `uid` as the hello must say it (absent: not
   * compared). `verifyToken` where the runtime mounts one; without it `first` is accepted.
   */
  identify(identity: { readonly uid?: string; readonly verifyToken?: (token: string) => Promise<Result<void, string>> }): void
  /** Listens on `<dir>/socket` for this container alone; replaces a dead socket. */
  listenUnix(dir: string): Promise<void>
  /** A stream that the runtime dialled to the supervisor's port (tunnel). */
  dialled(stream: Duplex): void
  /** Told when the server needs `n` more dialled streams: the supervisor wants artifact channels, or control was lost. */
  onWant(callback: (channels: number) => void): void
  /** The supervisor has reported in. Never rejects; abandoned by `cancel`. */
  readonly reported: Promise<SupervisorSession>
  /** Refuses this container from now on and closes its channels and sockets. */
  cancel(): Promise<void>
  /** Closes everything without telling the supervisor: the container goes on, and may report in to the next server that expects it. */
  leave(): Promise<void>
}

/** A supervisor that has reported in; survives lost channels. */
export interface SupervisorSession {
  assign(assignment: Assignment, sink: RecordSink, signal: AbortSignal, lost: Promise<ContainerLost>): Promise<Result<AssignmentResult, ContainerLost>>
  intercept(process: InterceptedProcess, options: InterceptOptions, lost: Promise<ContainerLost>): Interception
  prefetch(artifacts: readonly ArtifactRef[]): void
  /** Tells the supervisor to stay for so long, and then to end by itself; resolves when it knows, or after `timeoutMs`. */
  keep(seconds: number, timeoutMs: number): Promise<void>
  /** Sends `end`; resolves when the channel has closed or after `timeoutMs`. */
  end(timeoutMs: number): Promise<void>
  readonly connected: boolean
  /** Of the supervisor's program, as Go names it: `amd64`. Undefined: it has not said. */
  readonly architecture: string | undefined
  /** Milliseconds since the last frame was received. */
  silentFor(): number
}
