import { KeptMap } from '../../lib/kept-map.ts'

/** A moment as clocks of a time zone show it. `month`: 1 to 12; `weekday`: 0 is Sunday. */
export interface Civil {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly weekday: number
}

/** A time zone; moments are unix ms. */
export interface Zone {
  civil(at: number): Civil
  /** When clocks show this. A day, hour or minute beyond its range goes on into the next. */
  moment(civil: Pick<Civil, 'year' | 'month' | 'day' | 'hour' | 'minute'> & { readonly second?: number }): number
  /** Of clocks against UTC, in minutes. */
  offset(at: number): number
}

const minuteMs = 60_000

/** Formatters are costly to make. */
const formats = new KeptMap<string, Intl.DateTimeFormat>(200)

/** Undefined: there is no zone of that name. Offsets (`+02:00`) are no names. */
export function zoneOf(name: string): Zone | undefined {
  const format = formatOf(name === '' || name === 'Local' ? 'UTC' : name)
  if (format === undefined) return undefined
  const offset = (at: number): number => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000) / minuteMs)
  }
  return {
    offset,
    civil(at) {
      const local = new Date(at + offset(at) * minuteMs)
      return {
        year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate(),
        hour: local.getUTCHours(), minute: local.getUTCMinutes(), second: local.getUTCSeconds(), weekday: local.getUTCDay(),
      }
    },
    // As Go's time.Date: by the offset that holds at the moment that another offset gives, so that around a change of clocks it is one of the two.
    moment({ year, month, day, hour, minute, second = 0 }) {
      const local = Date.UTC(year, month - 1, day, hour, minute, second)
      const first = offset(local)
      return first === 0 ? local : local - offset(local - first * minuteMs) * minuteMs
    },
  }
}

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(name)
  if (known !== undefined) return known
  if (/^[+-]/.test(name)) return undefined
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
    formats.set(name, format)
    return format
  } catch {
    return undefined
  }
}
