import { describe, expect, test } from 'vitest'
import type { LogLimits } from '../model/build-log.ts'
import type { JobConfig } from '../model/config.ts'
import { logRuleOf, LogSelection, type LogRule } from './log-rule.ts'

const none: LogLimits = { defaultBuilds: 0, maxBuilds: 0, defaultDays: 0, maxDays: 0 }
const job = (fields: Partial<JobConfig>): JobConfig => ({ name: 'j', plan: [], ...fields })

describe('the rule of a job', () => {
  test.each<[string, Partial<JobConfig>, Partial<LogLimits>, LogRule | undefined]>([
    ['nothing is said', {}, {}, undefined],
    ['the job says how many', { build_log_retention: { builds: 5 } }, {}, { builds: 5, days: 0, succeeded: 0 }],
    ['the old word', { build_logs_to_retain: 5 }, {}, { builds: 5, days: 0, succeeded: 0 }],
    ['all three', { build_log_retention: { builds: 5, days: 7, minimum_succeeded_builds: 1 } }, {}, { builds: 5, days: 7, succeeded: 1 }],
    ['the server has a default', {}, { defaultBuilds: 3, defaultDays: 4 }, { builds: 3, days: 4, succeeded: 0 }],
    ['the job goes before the default', { build_log_retention: { builds: 9 } }, { defaultBuilds: 3 }, { builds: 9, days: 0, succeeded: 0 }],
    ['the server has a maximum', { build_log_retention: { builds: 9, days: 9, minimum_succeeded_builds: 7 } }, { maxBuilds: 4, maxDays: 5 }, { builds: 4, days: 5, succeeded: 4 }],
    ['the job has less than the maximum', { build_log_retention: { builds: 2 } }, { maxBuilds: 4 }, { builds: 2, days: 0, succeeded: 0 }],
    ['a maximum alone', {}, { maxBuilds: 4 }, { builds: 4, days: 0, succeeded: 0 }],
  ])('%s', (_name, fields, limits, rule) => {
    expect(logRuleOf(job(fields), { ...none, ...limits })).toEqual(rule)
  })
})

const now = Date.UTC(2026, 0, 100)
const dayMs = 24 * 3_600_000

/** Builds newest first: s succeeded, f failed, r running; each ended a day before the one after it. */
function gone(rule: Partial<LogRule>, builds: string): string {
  const selection = new LogSelection({ builds: 0, days: 0, succeeded: 0, ...rule }, now)
  for (const [at, letter] of [...builds].entries()) selection.take({ id: at, succeeded: letter === 's', ...(letter !== 'r' && { endedAt: now - at * dayMs }) })
  const ids = new Set(selection.end())
  return [...builds].map((letter, at) => (ids.has(at) ? '-' : letter)).join('')
}

describe('the logs that go', () => {
  test.each<[Partial<LogRule>, string, string]>([
    [{ builds: 2 }, 'sfsf', 'sf--'],
    [{ builds: 2 }, 's', 's'],
    [{ builds: 2 }, 'rrsfsf', 'rrsf--'],
    [{ builds: 1 }, 'srsr', 'sr-r'],
    [{ days: 2 }, 'sfsfs', 'sfs--'],
    [{ builds: 1, days: 2 }, 'sfsfs', 'sfs--'],
    [{ builds: 4, days: 2 }, 'sfsfs', 'sfsf-'],
    [{ builds: 2, succeeded: 1 }, 'ffffs', 'f---s'],
    [{ builds: 3, succeeded: 2 }, 'fsfsf', 'fs-s-'],
    [{ builds: 2, succeeded: 2 }, 'ffsfsfs', '--s-s--'],
    [{ builds: 2, succeeded: 1 }, 'ffff', 'ff--'],
  ])('%j of %s leaves %s', (rule, builds, left) => {
    expect(gone(rule, builds)).toBe(left)
  })
})
