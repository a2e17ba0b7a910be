import type { BuildSummary } from './build.ts'
import type { JsonObject } from './json.ts'

/** A build as lists of the API show it, with what decides who may see it. */
export interface ListedBuild extends BuildSummary {
  readonly pipelineInstanceVars?: JsonObject
  readonly pipelinePublic: boolean
  readonly jobPublic: boolean
  readonly comment?: string
  /** When its log was removed, unix ms. */
  readonly reapedAt?: number
  /** Why it is pending. */
  readonly pendingReason?: PendingReason
  readonly rerun?: { readonly of: number; /** Absent: the original is gone. */ readonly name?: string; readonly number: number }
}

/** Why a build has not started. */
export type PendingReason =
  | { readonly kind: 'pipeline-paused' }
  | { readonly kind: 'job-paused' }
  /** As many builds run as may run at once, in all jobs of its serial groups. */
  | { readonly kind: 'job-limit'; readonly running: number; readonly limit: number }
  /** Behind an older build: of its job, or of a job that shares a serial group with it, which is named then. */
  | { readonly kind: 'queued'; readonly behind: string; readonly job?: string }
  /** Resources of these inputs are checked first. */
  | { readonly kind: 'checking'; readonly inputs: readonly string[] }
  /** Inputs without a version. */
  | { readonly kind: 'inputs'; readonly missing: readonly MissingInput[]; readonly resolved: readonly string[] }

export interface MissingInput {
  readonly input: string
  /** What Concourse says. */
  readonly failure: string
  /** A sentence that names the input, versions, jobs and builds. */
  readonly message: string
}

/** Why no build of a job started by itself. */
export type NotTriggered =
  | { readonly kind: 'pipeline-paused' | 'job-paused' | 'archived' }
  /** None of its gets has `trigger: true`. */
  | { readonly kind: 'no-trigger' }
  | { readonly kind: 'no-get' }
  | { readonly kind: 'inputs'; readonly missing: readonly MissingInput[] }
  /** A build waits already, and takes the newest versions when it starts. */
  | { readonly kind: 'pending'; readonly build: string }
  /** Each version that its triggers have now was in a build before. */
  | { readonly kind: 'nothing-new'; readonly triggers: readonly string[] }

/** `No build starts by itself: …` */
export function notTriggeredText(why: NotTriggered): string {
  switch (why.kind) {
    case 'pipeline-paused':
      return 'its pipeline is paused'
    case 'job-paused':
      return 'it is paused'
    case 'archived':
      return 'its pipeline is archived'
    case 'no-trigger':
      return 'none of its get steps has trigger: true'
    case 'no-get':
      return 'it has no get step'
    case 'inputs':
      return why.missing.map(({ message }) => message).join('; ')
    case 'pending':
      return `build ${why.build} is pending, and takes the newest versions when it starts`
    case 'nothing-new':
      return `each version that would trigger it (of ${why.triggers.join(', ')}) was in a build before`
  }
}
