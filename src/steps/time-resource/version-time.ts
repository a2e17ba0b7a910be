import type { Version } from '../../model/version.ts'
import type { Zone } from './zone.ts'

/** The moment that a version names. */
export interface VersionTime {
  /** Unix ms. */
  readonly at: number
  /** `2006-01-02`, `15:04:05` and the digits of the fraction, without zeros at its end. */
  readonly date: string
  readonly clock: string
  readonly fraction: string
  /** `Z`, or as `+02:00`. */
  readonly offset: string
}

const form = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/** Undefined: the version has no time in RFC 3339's form. */
export function timeOf({ time }: Version): VersionTime | undefined {
  const [found, date = '', clock = '', digits = '', offset = ''] = (typeof time === 'string' && form.exec(time)) || []
  if (found === undefined) return undefined
  // Thousandths are all that Date reads everywhere.
  const at = Date.parse(`${date}T${clock}.${digits.slice(0, 3).padEnd(3, '0')}${offset}`)
  return Number.isNaN(at) ? undefined : { at, date, clock, fraction: digits.slice(0, 9).replace(/0+$/, ''), offset }
}

/** What is said of a version without a time; bounded, since versions are not. */
export const noTime = (version: Version): string => `version ${JSON.stringify(version).slice(0, 200)} has no time as 2006-01-02T15:04:05Z`

/** As Go writes it: without zeros at the end of the fraction. */
export function rfc3339(at: number, zone: Zone): string {
  const offset = zone.offset(at)
  const local = new Date(at + offset * 60_000).toISOString().slice(0, -1).replace(/\.?0+$/, '')
  const [sign, minutes] = [offset < 0 ? '-' : '+', Math.abs(offset)]
  return `${local}${offset === 0 ? 'Z' : `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`}`
}

const two = (number: number): string => String(number).padStart(2, '0')
