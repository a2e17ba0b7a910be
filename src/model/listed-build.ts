import type { BuildSummary } from './build.ts'
import type { JsonObject } from './json.ts'

/** A build as lists of the API show it, with what decides who may see it. */
export interface ListedBuild extends BuildSummary {
  readonly pipelineInstanceVars?: JsonObject
  readonly pipelinePublic: boolean
  readonly jobPublic: boolean
  readonly comment?: string
  /** Why it is pending. */
  readonly pendingReason?: PendingReason
}

/** Why a build has not started. */
export type PendingReason =
  | { readonly kind: 'pipeline-paused' }
  | { readonly kind: 'job-paused' }
  | { readonly kind: 'job-limit'; readonly running: number; readonly limit: number }
  /** Behind another build of its job. */
  | { readonly kind: 'queued'; readonly behind: string }
  | { readonly kind: 'checking' }
  /** An input without a version; `message` is a sentence. */
  | { readonly kind: 'input'; readonly input: string; readonly message: string }
  | { readonly kind: 'inputs'; readonly message: string }
