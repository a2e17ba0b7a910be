import type { ArtifactImageReader } from '../images/artifact/artifact-image-reader.ts'
import type { ImageProof } from '../images/artifact/image-proof.ts'
import type { ownDestination } from '../images/artifact/own-destination.ts'
import type { OperatorTrust } from '../images/reference/registry-trust.ts'
import type { RegistryClient } from '../images/registry/registry-client.ts'
import type { CredentialSource } from '../images/resolve/credential-source.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { SupervisorSettings } from '../model/supervisor-settings.ts'
import type { Runtime } from '../runtime/contract.ts'
import type { SupervisionServer } from '../supervision/rendezvous.ts'
import type { RuntimeOptions } from './options.ts'
import type { Stores } from './stores.ts'

/** A runtime that steps can run on. */
export interface OpenRuntime {
  readonly runtime: Runtime
  readonly rendezvous: SupervisionServer
  /** For people: `Podman 4.3.1 (podman system service)`, `context kind, namespace ci`. */
  readonly description: string
  /** What nodes have credentials for anyway, as far as this server may read it. */
  readonly nodeCredentials?: CredentialSource
  /** Registries that the engine's operator has it speak to without verified TLS. */
  readonly insecureRegistries?: readonly string[]
  /** What it was opened with, found out where it was left open: opened with these, another process finds the same containers. */
  readonly options: RuntimeOptions
  /** Removes pulled images from the machine, where this runtime keeps them there; one that is not there is fine. */
  removeImages(references: readonly string[]): Promise<void>
  /** Whether nodes can pull from where images that are artifacts are put, where that has to be tried. */
  readonly imageProof?: ImageProof
  /** Answers `/v2/…`, where this server serves images that are artifacts. */
  readonly registry?: Omit<ReturnType<typeof ownDestination>, 'destination'>
  close(): Promise<void>
}

/** What opening a runtime needs. */
export interface RuntimeEnvironment {
  readonly stores: Stores
  readonly data: string
  readonly artifactImages: ArtifactImageReader
  readonly registryClient: RegistryClient
  /** Absent: nothing is said of any registry. */
  readonly trust?: OperatorTrust
  readonly supervisor: SupervisorSettings
  /** Bytes that an output or cache may have; default: defaultOutputLimit. */
  readonly outputLimit?: number
  readonly clock: Clock
  readonly log: Log
  readonly progress: (line: string) => void
}
