import type { ProcessOutcome, ProcessToEnter, StepType } from '../model/container.ts'
import type { Holder } from '../model/holder.ts'
import type { Result } from '../model/result.ts'

/** A container that can be entered or removed. */
export interface EnterableContainer {
  readonly handle: string
  readonly buildId: number
  readonly step: string
  readonly type: StepType
  readonly attempt?: string
  /** `ended`: it was kept, and its time is over. */
  readonly state: 'running' | 'kept' | 'ended'
}

/** A process in a container, with a person at its other end. */
export interface EnteredProcess {
  /** Resolves when more may be written. `eof`: nothing more will come. */
  write(data: Uint8Array, eof?: boolean): Promise<void>
  resize(columns: number, rows: number): void
  /** Never rejects. */
  readonly result: Promise<Result<ProcessOutcome, { readonly message: string }>>
}

/** The container of a check that runs, or that waits for the next check. */
export interface CheckContainer {
  readonly handle: string
  /** What checks in it were about, the latest first: resources and types of one team with the same config. */
  readonly uses: readonly { readonly teamId: number; readonly pipelineId?: number; readonly name: string }[]
}

export interface ContainerGateway {
  /** Those of this server alone. */
  checks(): Promise<readonly CheckContainer[]>
  find(): Promise<{ readonly targets: readonly EnterableContainer[] }>
  /** Fails with a sentence. */
  enter(
    handle: string,
    process: ProcessToEnter,
    options: { readonly onOutput: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void; readonly signal: AbortSignal },
  ): Promise<Result<EnteredProcess, string>>
}

/** On which of the servers of a database containers are. */
export interface ContainerPlaces {
  /** Which server is connected to the containers of a build. */
  readonly holderOf: (buildId: number) => Promise<Holder>
  /** URLs of the other servers. */
  readonly peers: () => Promise<readonly string[]>
}

/** Where steps run: what fly calls a worker. */
export interface WorkerView {
  readonly name: string
  readonly startedAt: number
  readonly baseTypes: readonly { readonly type: string; readonly image: string }[]
  /** Undefined: its API does not answer. */
  containers(): Promise<{ readonly all: number; readonly tasks: number } | undefined>
}
