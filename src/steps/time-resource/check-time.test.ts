import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { checkTime } from './check-time.ts'

const at = (text: string): number => Date.parse(text)
const check = (source: JsonObject, now: string, from?: string) => checkTime(source, from === undefined ? undefined : { time: from }, at(now))
const times = (...args: Parameters<typeof check>): readonly string[] => {
  const found = check(...args)
  if (!found.ok) throw new Error(found.error)
  return found.value.map(({ time }) => time ?? '')
}
const [indianapolis, berlin] = ['America/Indiana/Indianapolis', 'Europe/Berlin']

// 2018-01-01 is a Monday. What the time resource's own tests and its README say.
const cases: readonly [what: string, source: JsonObject, now: string, before: string | undefined, found: boolean][] = [
  ['nothing given, never checked', {}, '2018-01-01T12:00:00Z', undefined, true],
  ['nothing given, a version of today', {}, '2018-01-01T12:00:00Z', '2018-01-01T00:00:00Z', false],
  ['nothing given, a version of yesterday', {}, '2018-01-02T00:00:00Z', '2018-01-01T23:59:59Z', true],
  ['inside a range', { start: '2:00 AM', stop: '4:00 AM' }, '2018-01-01T03:00:00Z', undefined, true],
  ['at its start', { start: '3:04 AM', stop: '3:07 AM' }, '2018-01-01T03:04:00Z', undefined, true],
  ['just before its start', { start: '3:04 AM', stop: '3:07 AM' }, '2018-01-01T03:03:59.999Z', undefined, false],
  ['just before its stop', { start: '3:04 AM', stop: '3:07 AM' }, '2018-01-01T03:06:59.999Z', undefined, true],
  ['at its stop', { start: '3:04 AM', stop: '3:07 AM' }, '2018-01-01T03:07:00Z', undefined, false],
  ['over midnight, before it', { start: '8:00 PM', stop: '8:00 AM' }, '2018-01-01T21:00:00Z', undefined, true],
  ['over midnight, after it', { start: '8:00 PM', stop: '8:00 AM' }, '2018-01-01T07:00:00Z', undefined, true],
  ['over midnight, outside', { start: '8:00 PM', stop: '8:00 AM' }, '2018-01-01T08:00:00Z', undefined, false],
  ['over midnight, a version of this range', { start: '10:00 AM', stop: '5:00 AM' }, '2018-01-02T04:00:00Z', '2018-01-01T11:00:00Z', false],
  ['over midnight, a version before it', { start: '10:00 AM', stop: '5:00 AM' }, '2018-01-02T04:00:00Z', '2018-01-01T09:00:00Z', true],
  ['a full day from six to six', { start: '6AM', stop: '6AM' }, '2018-01-02T05:59:00Z', '2018-01-01T06:00:00Z', false],
  ['the next full day', { start: '6AM', stop: '6AM' }, '2018-01-02T06:00:00Z', '2018-01-01T06:00:00Z', true],
  ['a range with offsets', { start: '2:00 AM -0600', stop: '6:00 AM -0600' }, '2018-01-01T08:00:00Z', undefined, true],
  ['a version later than now', { start: '0200', stop: '0400' }, '2018-01-01T03:00:00Z', '2018-01-01T03:30:00Z', false],
  ['a range in a location', { location: indianapolis, start: '1:00 PM', stop: '3:00 PM' }, '2018-01-01T18:00:00Z', undefined, true],
  ['outside a range in a location', { location: indianapolis, start: '1:00 PM', stop: '3:00 PM' }, '2018-01-01T20:00:00Z', undefined, false],
  ['on a day of the location', { location: indianapolis, start: '9:00 PM', stop: '11:00 PM', days: ['Wednesday'] }, '2018-01-04T02:00:00Z', undefined, true],
  ['on another day', { days: ['Wed', 'sun'] }, '2018-01-01T02:00:00Z', undefined, false],
  ['an interval that is over', { interval: '2m' }, '2018-01-01T12:02:00Z', '2018-01-01T12:00:00Z', true],
  ['an interval that is not over', { interval: '2m' }, '2018-01-01T12:01:59.999Z', '2018-01-01T12:00:00Z', false],
  ['an interval of days', { interval: '72h' }, '2018-01-04T12:00:00Z', '2018-01-01T12:00:00Z', true],
  ['an interval that is over, outside the range', { interval: '2m', start: '13:00', stop: '15:00' }, '2018-01-01T15:02:00Z', '2018-01-01T14:58:00Z', false],
  ['an interval, on a new day', { interval: '2m', start: '13:00', stop: '15:00' }, '2018-01-02T13:00:00Z', '2018-01-01T14:58:00Z', true],
  ['before start_after', { start_after: '2018-01-02' }, '2018-01-01T12:00:00Z', undefined, false],
  ['at start_after', { start_after: '2018-01-01T12' }, '2018-01-01T12:00:00Z', undefined, false],
  ['after start_after', { start_after: '2018-01-01 12:00:00' }, '2018-01-01T12:00:01Z', undefined, true],
  ['start_after in a location', { start_after: '2018-01-01T12:00', location: berlin }, '2018-01-01T11:00:01Z', undefined, true],
  ['initial_version, outside the range', { initial_version: true, start: '1PM', stop: '2 PM' }, '2018-01-01T00:00:00Z', undefined, true],
  ['initial_version, with a version', { initial_version: true, start: '1PM', stop: '2 PM' }, '2018-01-01T00:00:00Z', '2017-01-01T00:00:00Z', false],
  ['a range that the change to summer time cuts', { location: berlin, start: '02:30', stop: '04:00' }, '2018-03-25T01:45:00Z', undefined, true],
  ['a range in the hour that winter time repeats', { location: berlin, start: '02:00', stop: '03:00' }, '2018-10-28T01:30:00Z', undefined, true],
  ['a day that has 25 hours', { location: berlin }, '2018-10-28T22:59:00Z', '2018-10-27T22:00:00Z', false],
  ['keys in another case, null', { Interval: '2m', days: null, start: null }, '2018-01-01T12:02:00Z', '2018-01-01T12:00:00Z', true],
]

describe('a check of a time resource', () => {
  test.each(cases)('%s', (...[, source, now, before, found]) => {
    expect(times(source, now, before)).toHaveLength((before === undefined ? 0 : 1) + (found ? 1 : 0))
  })

  test('lists the version that it was given first, as it was given', () => {
    expect(times({ interval: '1m' }, '2018-01-01T12:00:00.120Z', '2000-01-01T00:00:00.123456789+02:00')).toEqual(['2000-01-01T00:00:00.123456789+02:00', '2018-01-01T12:00:00.12Z'])
  })

  test.each([
    [undefined, '2018-07-01T12:00:00Z', '2018-07-01T12:00:00Z'],
    [berlin, '2018-07-01T12:00:00.500Z', '2018-07-01T14:00:00.5+02:00'],
    ['America/St_Johns', '2018-07-01T12:00:00Z', '2018-07-01T09:30:00-02:30'],
    ['Europe/London', '2018-01-01T00:00:10Z', '2018-01-01T00:00:10Z'],
  ])('a version in %s at %s is %s', (location, now, expected) => {
    expect(times({ ...(location !== undefined && { location }) }, now)).toEqual([expected])
  })

  test.each<[JsonObject, string]>([
    [{ start: '3PM' }, 'start is given without stop; give both or none'],
    [{ stop: '3PM' }, 'stop is given without start; give both or none'],
    [{ start: '25:00', stop: '1PM' }, 'start "25:00" is no time of day; write it as 3:04 PM, 3PM, 15:04 or 1504'],
    [{ start: '13PM', stop: '1PM' }, 'start "13PM" is no time of day'],
    [{ start: 1140, stop: '1PM' }, 'start is 1140; write a text, in quotes'],
    [{ interval: '5' }, 'interval "5" is no duration; write a number with a unit, as 90s, 10m or 1h30m'],
    [{ location: 'Berlin' }, 'location "Berlin" is no time zone; write a name as Europe/Berlin'],
    [{ location: '+02:00' }, 'location "+02:00" is no time zone'],
    [{ days: 'Monday' }, 'days is "Monday"; write a list of days'],
    [{ days: ['Mo'] }, 'days has "Mo"; write Sunday, Monday, …'],
    [{ days: Array.from({ length: 101 }, () => 'Monday') }, 'days is ["Monday"'],
    [{ start_after: '2018-02-30' }, 'start_after "2018-02-30" is no date; write it as 2006-01-02 or 2006-01-02T15:04:05'],
    [{ initial_version: 'yes' }, 'initial_version is "yes"; write true or false'],
    [{ location: 'x'.repeat(100_000) }, 'is no time zone'],
  ])('refuses %j', (source, message) => {
    const checked = check(source, '2018-01-01T00:00:00Z')
    expect(checked).toMatchObject({ ok: false, error: expect.stringContaining(message) as string })
    expect(checked.ok ? '' : checked.error).toMatch(/^source of a time resource: .{1,200}$/)
  })

  test('refuses a version without a time', () => {
    expect(check({}, '2018-01-01T00:00:00Z', 'yesterday')).toEqual({ ok: false, error: 'version {"time":"yesterday"} has no time as 2006-01-02T15:04:05Z; check from another one' })
  })
})
