import type { JsonObject } from '../../../src/model/json.ts'

/** A pipeline, as its URL names it. */
export interface PipelineId {
  readonly team: string
  readonly pipeline: string
  /** Of an instance of a group of pipelines with one name. */
  readonly vars?: JsonObject
}

/** A page of a list, as Concourse asks for it: with both, or none. */
export type Paging = { readonly from: number; readonly limit: number } | { readonly to: number; readonly limit: number }

/** Lines of a step's log: `#L<plan>:<first>[:<last>]`. */
export interface LineRange {
  readonly plan: string
  readonly first: number
  readonly last?: number
}

/** What a build's page shows; all of it is in the URL. */
export interface BuildView {
  readonly lines?: LineRange
  readonly step?: string
  readonly tab?: string
  readonly q?: string
}

/** Where the page is. Every URL of Concourse's web UI is one of them, letter for letter. */
export type Place =
  | { readonly page: 'dashboard'; readonly search?: string; readonly all?: true; readonly dense?: true }
  | { readonly page: 'pipeline'; readonly id: PipelineId; readonly groups: readonly string[]; readonly show?: 'resources' | 'list'; readonly job?: string }
  /** `version`: absent, that of now. With `from`: what is other in it than in that version. `job`: whose lines are marked. */
  | { readonly page: 'pipeline-config'; readonly id: PipelineId; readonly version?: number; readonly from?: number; readonly job?: string }
  | { readonly page: 'job'; readonly id: PipelineId; readonly job: string; readonly paging?: Paging }
  | { readonly page: 'job-build'; readonly id: PipelineId; readonly job: string; readonly build: string; readonly view: BuildView }
  | { readonly page: 'build'; readonly build: number; readonly view: BuildView }
  | { readonly page: 'resource'; readonly id: PipelineId; readonly resource: string; readonly paging?: Paging; readonly filter: readonly (readonly [string, string])[] }
  | { readonly page: 'causality'; readonly id: PipelineId; readonly resource: string; readonly version: number; readonly direction: 'upstream' | 'downstream' }
  | { readonly page: 'builds'; readonly status?: string; readonly team?: string }
  | { readonly page: 'download-fly' }
  | { readonly page: 'account' }
  | { readonly page: 'team'; readonly team: string }
  | { readonly page: 'admin' }
  | { readonly page: 'not-found'; readonly url: string }

/** `hideUi`: no bars, for screens on a wall; links keep it. */
export type Route = Place & { readonly hideUi?: true }
export type PageName = Place['page']
