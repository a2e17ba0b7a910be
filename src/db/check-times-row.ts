import type { CheckTimes } from '../checks/ports.ts'

export interface CheckTimesRow {
  readonly wanted_at: number | null
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly failures: number
  readonly wanted_types: boolean
}

/** `c` is a row of scope_checks. */
export const checkTimesColumns = 'c.wanted_at, c.started_at, c.ended_at, c.failures, c.wanted_types'

export const checkTimesOf = ({ wanted_at, started_at, ended_at, failures, wanted_types }: CheckTimesRow): CheckTimes => ({
  failures,
  ...(wanted_at !== null && { wantedAt: wanted_at, ...(wanted_types && { wantedTypes: true as const }) }),
  ...(started_at !== null && { startedAt: started_at }),
  ...(ended_at !== null && { endedAt: ended_at }),
})
