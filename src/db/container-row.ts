import type { ContainerRow, ContainerState, LogPosition } from '../model/build.ts'

export interface ContainerTableRow {
  readonly handle: string
  readonly build_id: number
  readonly plan_id: string
  readonly state: ContainerState
  readonly guess: boolean
  readonly host: string | null
  readonly log: string
}

export const containerColumns = 'handle, build_id, plan_id, state, guess, host, log'

export const containerOf = (row: ContainerTableRow): ContainerRow => ({
  handle: row.handle,
  planId: row.plan_id,
  state: row.state,
  guess: row.guess,
  ...(row.host !== null && { host: row.host }),
  log: JSON.parse(row.log) as LogPosition,
})
