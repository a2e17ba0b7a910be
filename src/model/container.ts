import type { ArtifactRef } from './artifact.ts'

export type StepType = 'task' | 'get' | 'put' | 'check' | 'run'

/** What a container belongs to; becomes labels and annotations, never paths. */
export interface ContainerMetadata {
  readonly team: string
  readonly pipeline?: string
  readonly job?: string
  readonly buildId: number
  readonly buildName: string
  readonly planId: string
  readonly stepName: string
  readonly attempt?: string
}

/** What a person runs in a container. What is not said is as the step's process has it: its environment (`env` is added), folder and user. */
export interface ProcessToEnter {
  readonly path: string
  readonly args: readonly string[]
  /** `K=V` pairs. */
  readonly env: readonly string[]
  readonly dir?: string
  readonly user?: string
  /** Stdin, stdout and stderr are this terminal; absent: three pipes. */
  readonly tty?: { readonly columns: number; readonly rows: number }
}

/** The work of one container; JSON of the protocol's `assign` message. */
export interface Assignment {
  readonly id: string
  readonly process: {
    readonly path: string
    readonly args: readonly string[]
    /** `K=V` pairs; may hold secrets: sent over the channel, kept nowhere. */
    readonly env: readonly string[]
    readonly dir: string
    readonly user: string
    readonly tty?: { readonly columns: number; readonly rows: number }
  }
  /** UTF-8 text for the process's stdin; it is closed after it. */
  readonly stdin?: string
  readonly stdout: 'log' | 'response'
  readonly responseLimit?: number
  readonly inputs: readonly { readonly name: string; readonly path: string; readonly artifact: ArtifactRef }[]
  readonly outputs: readonly { readonly name: string; readonly path: string }[]
  readonly caches: readonly { readonly name: string; readonly path: string; readonly artifact?: ArtifactRef }[]
  readonly mkdir?: readonly string[]
  readonly chown: boolean
  /** Counted from the process's start. */
  readonly timeoutMs?: number
  /** Between TERM and KILL; default: defaultGraceMs. */
  readonly graceMs?: number
}

export const defaultGraceMs = 10_000

/** Bytes that an output or cache may have, holes included. */
export const defaultOutputLimit = 64 * 1024 ** 3

export type ProcessOutcome =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signaled'; readonly signal: string; readonly oom: boolean }
  | {
      readonly kind: 'error'
      readonly reason: 'executable-not-found' | 'user-not-found' | 'start-failed' | 'input-failed' | 'output-failed' | 'response-too-large'
      readonly message: string
    }
  | { readonly kind: 'killed'; readonly oom: boolean; readonly message: string }
  | { readonly kind: 'never-started' }
