import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { parseTimeSource, type TimeOfDay, type TimeSource } from './time-source.ts'
import { noTime, rfc3339, timeOf } from './version-time.ts'
import type { Zone } from './zone.ts'

/** What the check of Concourse's time resource answers, without its container. `now`: unix ms. */
export function checkTime(source: JsonObject, from: Version | undefined, now: number): Result<readonly Version[], string> {
  const parsed = parseTimeSource(source)
  if (!parsed.ok) return parsed
  const current: Version = { time: rfc3339(now, parsed.value.zone) }
  const before = from === undefined ? undefined : timeOf(from)?.at
  if (from !== undefined && before === undefined) return fail(`${noTime(from)}; check from another one`)
  if (from === undefined && parsed.value.initialVersion) return ok([current])
  const isDue = due(parsed.value, before, now)
  return ok([...(from === undefined ? [] : [from]), ...(isDue ? [current] : [])])
}

function due({ zone, range, intervalMs, days, after }: TimeSource, before: number | undefined, now: number): boolean {
  if (days.size > 0 && !days.has(zone.civil(now).weekday)) return false
  if (after !== undefined && after >= now) return false
  // Without a range it is the day.
  const { start, stop } = latestRange(zone, range ?? { start: 0, stop: 0 }, now)
  if (now < start || now >= stop) return false
  if (before === undefined) return true
  return intervalMs === undefined ? before < start : now - before >= intervalMs
}

/** The range that began last. */
function latestRange(zone: Zone, { start, stop }: { readonly start: TimeOfDay; readonly stop: TimeOfDay }, now: number): { readonly start: number; readonly stop: number } {
  const at = (day: number, time: TimeOfDay) => zone.moment({ ...zone.civil(day), hour: Math.floor(time / 60), minute: time % 60, second: 0 })
  const dayAfter = (moment: number, days: number) => {
    const civil = zone.civil(moment)
    return zone.moment({ ...civil, day: civil.day + days })
  }
  const today = at(now, start)
  const begun = today > now ? dayAfter(today, -1) : today
  const ended = at(begun, stop)
  return { start: begun, stop: ended > begun ? ended : dayAfter(ended, 1) }
}
