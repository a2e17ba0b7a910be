export type ContainerState = 'preparing' | 'ready' | 'assigned' | 'finished' | 'kept' | 'removed'

export interface ContainerRow {
  readonly handle: string
  readonly planId: string
  readonly state: ContainerState
  /** Prepared ahead. */
  readonly guess: boolean
  readonly host?: string
  readonly log: LogPosition
}

/** The highest record that is durable, and where each stream stands within a record that is half emitted. */
export interface LogPosition {
  readonly acked: number
  readonly stdout?: { readonly seq: number; readonly offset: number }
  readonly stderr?: { readonly seq: number; readonly offset: number }
}

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
