import type { LoggedBuild, LogLimits } from '../model/build-log.ts'
import type { JobConfig } from '../model/config.ts'

/** How many logs of a job's builds are kept; 0: no limit of the kind. */
export interface LogRule {
  readonly builds: number
  readonly days: number
  /** Of `builds`, so many are of succeeded builds, as far as there are such. */
  readonly succeeded: number
}

const dayMs = 24 * 3_600_000

/** The rule of a job; undefined: all its logs are kept (Concourse: atc/gc BuildLogRetentionCalculator). */
export function logRuleOf(job: JobConfig, limits: LogLimits): LogRule | undefined {
  const wanted = job.build_log_retention ?? { builds: job.build_logs_to_retain }
  const builds = least((wanted.builds ?? 0) || limits.defaultBuilds, limits.maxBuilds)
  const days = least((('days' in wanted && wanted.days) || 0) || limits.defaultDays, limits.maxDays)
  const succeeded = Math.min(('minimum_succeeded_builds' in wanted && wanted.minimum_succeeded_builds) || 0, builds)
  return builds === 0 && days === 0 ? undefined : { builds, days, succeeded }
}

const least = (wanted: number, most: number): number => (wanted === 0 || most === 0 ? wanted || most : Math.min(wanted, most))

/**
 * Takes a job's builds whose logs are there, newest first, and says of each whether its log goes. A log is kept when its build runs, is
 * among the newest `builds`, is younger than `days`, or is needed for `succeeded`; the last push out the oldest of the newest.
 */
export class LogSelection {
  readonly #rule: LogRule
  readonly #now: number
  /** Kept for their place or their age, newest first. */
  readonly #candidates: number[] = []
  readonly #gone: number[] = []
  #kept = 0
  #succeeded = 0

  constructor(rule: LogRule, now: number) {
    this.#rule = rule
    this.#now = now
  }

  take(build: LoggedBuild): void {
    const { builds, days, succeeded } = this.#rule
    if (build.endedAt === undefined) return
    if (build.succeeded && this.#succeeded < succeeded) {
      this.#succeeded++
      this.#kept++
    } else if (this.#kept < builds || (days > 0 && build.endedAt + days * dayMs >= this.#now)) {
      this.#kept++
      this.#candidates.push(build.id)
    } else this.#gone.push(build.id)
  }

  /** The builds whose logs go, after the last was taken. */
  end(): readonly number[] {
    const { builds, days } = this.#rule
    // Logs that are young enough stay, however many there are.
    const surplus = builds > 0 && days === 0 ? Math.max(0, this.#kept - builds) : 0
    return [...this.#gone, ...this.#candidates.slice(this.#candidates.length - Math.min(surplus, this.#candidates.length))]
  }
}
