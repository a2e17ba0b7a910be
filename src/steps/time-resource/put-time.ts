import type { JsonObject } from '../../model/json.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { parseTimeSource } from './time-source.ts'
import { rfc3339 } from './version-time.ts'

/** What `out` of Concourse's time resource answers, without its container: now. `now`: unix ms. */
export function putTime(source: JsonObject, now: number): Result<Version, string> {
  const parsed = parseTimeSource(source)
  return parsed.ok ? ok({ time: rfc3339(now, parsed.value.zone) }) : parsed
}
