import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Version } from '../../model/version.ts'
import { parseTimeSource } from './time-source.ts'
import { noTime, timeOf, type VersionTime } from './version-time.ts'

/** What the get of a version gives. */
export interface TimeFiles {
  readonly version: Version
  /** By name. */
  readonly files: ReadonlyMap<string, string>
  /** When the files were last changed: the version's time, so that each get of a version gives the same artifact. Unix ms. */
  readonly at: number
}

/** What `in` of Concourse's time resource writes, without its container: `input`, `timestamp` and `epoch`. */
export function getTime(source: JsonObject, version: Version): Result<TimeFiles, string> {
  const parsed = parseTimeSource(source)
  if (!parsed.ok) return parsed
  const time = timeOf(version)
  if (time === undefined) return fail(`${noTime(version)}; get another one`)
  const { at, date, clock, fraction, offset } = time
  const got = { time: `${date}T${clock}${fraction === '' ? '' : `.${fraction}`}${offset}` }
  const files = new Map([
    ['input', `${JSON.stringify({ source, version: got })}\n`],
    ['timestamp', timestamp(time)],
    ['epoch', String(Math.floor(at / 1000))],
  ])
  return ok({ version: got, files, at })
}

/** As Go's time.Time prints itself: `2018-01-01 12:00:00.12 +0000 UTC`. A zone that only an offset names has that for its name. */
function timestamp({ date, clock, fraction, offset }: VersionTime): string {
  const away = offset === 'Z' ? '+0000' : offset.replace(':', '')
  return `${date} ${clock}${fraction === '' ? '' : `.${fraction}`} ${away} ${/^[+-]0000$/.test(away) ? 'UTC' : away}`
}
