import type { FinalStatus } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'

/** A pipeline with the state of its jobs. Times are unix ms. */
export interface DashboardPipeline {
  readonly id: number
  readonly team: string
  readonly name: string
  readonly instanceVars?: JsonObject
  /** Among those of its team that are asked for, from 0. */
  readonly place: number
  /** Empty: nobody knows who paused it. */
  readonly paused?: { readonly by?: string; readonly at?: number }
  readonly public: boolean
  readonly archived: boolean
  readonly groups: readonly string[]
  readonly display?: JsonObject
  /** A character a job, as cardSchema says. */
  readonly jobs: string
  /** The worst of the last finished builds of jobs that are not paused, of equal ones the one that ended last. */
  readonly finished?: { readonly status: FinalStatus; readonly job: string; readonly at: number }
  /** The build that has run the longest. */
  readonly running?: { readonly job: string; readonly at: number }
  /** A resource that cannot be checked. */
  readonly failing?: { readonly resource: string; readonly error: string | null }
}

export interface Dashboard {
  /** Of these teams, and public ones; undefined: all. In the order in which they are shown. */
  pipelines(teams: readonly string[] | undefined): Promise<readonly DashboardPipeline[]>
}

export interface WebPorts {
  readonly dashboard: Dashboard
}
