import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { parseTimeSource, type TimeOfDay, type TimeSource } from './time-source.ts'
import type { Zone } from './zone.ts'

/** What the check of Concourse's time resource answers, without its container. `now`: unix ms. */
export function checkTime(source: JsonObject, from: Version | undefined, now: number): Result<readonly Version[], string> {
  const parsed = parseTimeSource(source)
  if (!parsed.ok) return parsed
  const current: Version = { time: rfc3339(now, parsed.value.zone) }
  const before = from === undefined ? undefined : timeOf(from)
  if (from !== undefined && before === undefined) return fail(`version ${JSON.stringify(from).slice(0, 200)} has no time as 2006-01-02T15:04:05Z; check from another one`)
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

const rfc3339Form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

function timeOf({ time }: Version): number | undefined {
  const found = typeof time === 'string' ? rfc3339Form.exec(time) : null
  // Thousandths are all that Date reads everywhere.
  const at = found === null ? Number.NaN : Date.parse(`${found[1]}.${(found[2] ?? '').slice(0, 3).padEnd(3, '0')}${found[3]}`)
  return Number.isNaN(at) ? undefined : at
}

/** As Go writes it: without zeros at the end of the fraction. */
function rfc3339(at: number, zone: Zone): string {
  const offset = zone.offset(at)
  const local = new Date(at + offset * 60_000).toISOString().slice(0, -1).replace(/\.?0+$/, '')
  const [sign, minutes] = [offset < 0 ? '-' : '+', Math.abs(offset)]
  return `${local}${offset === 0 ? 'Z' : `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`}`
}

const two = (number: number): string => String(number).padStart(2, '0')
