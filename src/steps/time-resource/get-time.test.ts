import { describe, expect, test } from 'vitest'
import { getTime } from './get-time.ts'
import { putTime } from './put-time.ts'

describe('a get of a time resource', () => {
  // The timestamps are what Go's time.Time.Format gives for the layout that the time resource uses.
  test.each([
    ['2018-01-01T12:00:00Z', '2018-01-01 12:00:00 +0000 UTC', '1514808000'],
    ['2018-01-01T12:00:00.123456789Z', '2018-01-01 12:00:00.123456789 +0000 UTC', '1514808000'],
    ['2018-07-01T14:00:00.5+02:00', '2018-07-01 14:00:00.5 +0200 +0200', '1530446400'],
    ['2018-07-01T09:30:00-02:30', '2018-07-01 09:30:00 -0230 -0230', '1530446400'],
    ['1969-12-31T23:59:59.500Z', '1969-12-31 23:59:59.5 +0000 UTC', '-1'],
  ])('writes its time %s as timestamp and epoch', (time, timestamp, epoch) => {
    const got = getTime({}, { time })
    expect(got.ok && [got.value.files.get('timestamp'), got.value.files.get('epoch')]).toEqual([timestamp, epoch])
  })

  test('writes what it was asked for, and gives the version as Go writes it', () => {
    const got = getTime({ interval: '1m' }, { time: '2018-01-01T12:00:00.120Z', other: 'x' })
    expect(got.ok && [got.value.version, got.value.files.get('input')]).toEqual([
      { time: '2018-01-01T12:00:00.12Z' },
      '{"source":{"interval":"1m"},"version":{"time":"2018-01-01T12:00:00.12Z"}}\n',
    ])
  })

  test.each([
    [{ location: 'Mars' }, { time: '2018-01-01T12:00:00Z' }, 'source of a time resource: location "Mars" is no time zone; write a name as Europe/Berlin'],
    [{}, { time: 'noon' }, 'version {"time":"noon"} has no time as 2006-01-02T15:04:05Z; get another one'],
    [{}, {}, 'version {} has no time as 2006-01-02T15:04:05Z; get another one'],
  ])('refuses source %j with version %j', (source, version, error) => {
    expect(getTime(source, version)).toEqual({ ok: false, error })
  })
})

describe('a put to a time resource', () => {
  const now = Date.parse('2018-07-01T12:00:00.500Z')

  test.each([
    [{}, '2018-07-01T12:00:00.5Z'],
    [{ location: 'Europe/Berlin', interval: '1h' }, '2018-07-01T14:00:00.5+02:00'],
  ])('of source %j makes now its version', (source, time) => {
    expect(putTime(source, now)).toEqual({ ok: true, value: { time } })
  })

  test('is refused with a source that means nothing', () => {
    expect(putTime({ interval: 'often' }, now)).toMatchObject({ ok: false })
  })
})
