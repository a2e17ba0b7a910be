import { parseDuration } from '../../lib/duration.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { zoneOf, type Zone } from './zone.ts'

/** Minutes since midnight. */
export type TimeOfDay = number

/** The source of a `time` resource. */
export interface TimeSource {
  readonly zone: Zone
  /** Versions have its offset; without a location they are in UTC. */
  readonly range?: { readonly start: TimeOfDay; readonly stop: TimeOfDay }
  readonly intervalMs?: number
  /** Sunday is 0; empty: each day. */
  readonly days: ReadonlySet<number>
  /** Unix ms: versions are later. */
  readonly after?: number
  readonly initialVersion: boolean
}

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
/** More than there are days: a longer list says nothing new. */
const mostDays = 100

class Refused extends Error {}

/** What it cannot mean is refused with a line that says what to write. */
export function parseTimeSource(source: JsonObject): Result<TimeSource, string> {
  try {
    return ok(parse(source))
  } catch (error) {
    if (error instanceof Refused) return fail(`source of a time resource: ${error.message}`)
    throw error
  }
}

function parse(source: JsonObject): TimeSource {
  // Go's JSON takes keys in any case.
  const given = new Map(Object.entries(source).map(([key, value]) => [key.toLowerCase(), value]))
  const text = (key: string): string | undefined => {
    const value = given.get(key) ?? undefined
    if (value !== undefined && typeof value !== 'string') throw new Refused(`${key} is ${shown(value)}; write a text, in quotes`)
    return value
  }
  const [start, stop] = [timeOfDay('start', text('start')), timeOfDay('stop', text('stop'))]
  if ((start === undefined) !== (stop === undefined)) throw new Refused(start === undefined ? 'stop is given without start; give both or none' : 'start is given without stop; give both or none')
  const location = text('location') ?? 'UTC'
  const zone = zoneOf(location)
  if (zone === undefined) throw new Refused(`location ${shown(location)} is no time zone; write a name as Europe/Berlin`)
  const interval = text('interval')
  const intervalMs = interval === undefined ? undefined : parseDuration(interval)
  if (interval !== undefined && intervalMs === undefined) throw new Refused(`interval ${shown(interval)} is no duration; write a number with a unit, as 90s, 10m or 1h30m`)
  const after = moment(text('start_after'), zone)
  return {
    zone, days: daysOf(given.get('days') ?? []), initialVersion: flag(given.get('initial_version') ?? false),
    ...(start !== undefined && stop !== undefined && { range: { start, stop } }),
    ...(intervalMs !== undefined && { intervalMs }),
    ...(after !== undefined && { after }),
  }
}

const offset = String.raw`(?: +(?<sign>[+-])(?<oh>\d\d)(?<om>\d\d))?`
const timeFormats = [
  new RegExp(String.raw`^(?<h>\d\d?):(?<m>\d\d) +(?<half>AM|PM)${offset}$`),
  new RegExp(String.raw`^(?<h>\d\d?) *(?<half>AM|PM)${offset}$`),
  new RegExp(String.raw`^(?<h>\d\d?):(?<m>\d\d)${offset}$`),
  new RegExp(String.raw`^(?<h>\d\d)(?<m>\d\d)${offset}$`),
]

/** An offset, which is deprecated, makes it a time of UTC. */
function timeOfDay(key: string, text: string | undefined): TimeOfDay | undefined {
  if (text === undefined) return undefined
  const found = timeFormats.map((format) => format.exec(text)?.groups).find((groups) => groups !== undefined)
  const { h = 'x', m = '0', half, sign, oh = '0', om = '0' } = found ?? {}
  const [hour, minute] = [Number(h), Number(m)]
  if (!(hour <= (half === undefined ? 23 : 12) && minute <= 59 && Number(oh) <= 24 && Number(om) <= 60)) {
    throw new Refused(`${key} ${shown(text)} is no time of day; write it as 3:04 PM, 3PM, 15:04 or 1504`)
  }
  const hours = half === 'PM' && hour < 12 ? hour + 12 : half === 'AM' && hour === 12 ? 0 : hour
  const away = (sign === '-' ? -1 : 1) * (Number(oh) * 60 + Number(om))
  return (hours * 60 + minute - away + 2 * 1440) % 1440
}

function daysOf(value: Json): ReadonlySet<number> {
  if (!Array.isArray(value) || value.length > mostDays) throw new Refused(`days is ${shown(value)}; write a list of days`)
  return new Set(value.map((day) => {
    const index = typeof day === 'string' ? dayNames.findIndex((name) => [name, name.slice(0, 3)].includes(day.toLowerCase())) : -1
    if (index < 0) throw new Refused(`days has ${shown(day)}; write Sunday, Monday, …`)
    return index
  }))
}

function flag(value: Json): boolean {
  if (typeof value !== 'boolean') throw new Refused(`initial_version is ${shown(value)}; write true or false`)
  return value
}

function moment(text: string | undefined, zone: Zone): number | undefined {
  if (text === undefined) return undefined
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?| (\d\d):(\d\d):(\d\d))?$/.exec(text)
  const [year = 0, month = 0, day = 0, ...time] = (found ?? []).slice(1).map((part: string | undefined) => (part === undefined ? undefined : Number(part)))
  const [hour = 0, minute = 0, second = 0] = time.filter((part) => part !== undefined)
  const valid = found !== null && new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59
  if (!valid) throw new Refused(`start_after ${shown(text)} is no date; write it as 2006-01-02 or 2006-01-02T15:04:05`)
  return zone.moment({ year, month, day, hour, minute, second })
}

/** Short, whatever was given. */
function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
