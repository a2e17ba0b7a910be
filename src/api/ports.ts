import type { BuildRegistry } from '../engine/ports.ts'
import type { TeamStore, TokenStore } from '../auth/ports.ts'
import type { PipelineStore } from '../pipelines/ports.ts'
import type { StoredEvent } from '../model/build.ts'
import type { ListedBuild } from '../model/listed-build.ts'

/** What a page of a list is to hold. */
export interface Page {
  readonly limit: number
  /** Ids, both inclusive. */
  readonly from?: number
  readonly to?: number
}

/** Builds of which a list tells. */
export type BuildFilter =
  | { readonly kind: 'all' }
  /** Of these teams, and of public pipelines. */
  | { readonly kind: 'visible'; readonly teams: readonly string[] }
  | { readonly kind: 'team'; readonly team: string }
  | { readonly kind: 'pipeline'; readonly pipelineId: number }
  | { readonly kind: 'job'; readonly jobId: number }

/** The builds of a job that are shown with it (Concourse: next_build, finished_build). */
export interface JobBuilds {
  /** The oldest that has not ended. */
  readonly next?: ListedBuild
  /** The newest that has. */
  readonly finished?: ListedBuild
}

export interface BuildLists {
  get(id: number): Promise<ListedBuild | undefined>
  ofJob(jobId: number, name: string): Promise<ListedBuild | undefined>
  /** Newest first; with both bounds given ascending. */
  page(filter: BuildFilter, page: Page): Promise<readonly ListedBuild[]>
  /** By job. */
  ofJobs(pipelineId: number): Promise<ReadonlyMap<number, JobBuilds>>
}

export interface JobTrigger {
  /** Makes a pending build with the job's next number and tells the scheduler. */
  trigger(jobId: number, createdBy: string, now: number): Promise<number>
  /** Something that builds waited for may have changed. */
  wake(): void
}

export interface EventSource {
  /** Events with ids above `after` (-1: all), in order. */
  read(buildId: number, after: number, limit: number): Promise<readonly StoredEvent[]>
  /** Batches of events as they come, ended after the final status. */
  stream(buildId: number, options: { readonly after?: number; readonly signal: AbortSignal }): AsyncIterable<readonly StoredEvent[]>
}

export interface ApiPorts {
  readonly teams: TeamStore
  readonly tokens: TokenStore
  readonly pipelines: PipelineStore
  readonly builds: Pick<BuildRegistry, 'get' | 'requestAbort'>
  readonly lists: BuildLists
  readonly jobs: JobTrigger
  readonly events: EventSource
}
