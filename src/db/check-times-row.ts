import type { CheckTimes } from '../checks/ports.ts'

export interface CheckTimesRow {
  readonly wanted_at: number | null
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly failures: number
}

/** `c` is a row of scope_checks. */
export const checkTimesColumns = 'c.wanted_at, c.started_at, c.ended_at, c.failures'

export const checkTimesOf = ({ wanted_at, started_at, ended_at, failures }: CheckTimesRow): CheckTimes => ({
  failures,
  ...(wanted_at !== null && { wantedAt: wanted_at }),
  ...(started_at !== null && { startedAt: started_at }),
  ...(ended_at !== null && { endedAt: ended_at }),
})
