import { parseDuration } from '../lib/duration.ts'
import { fail, ok, type Result } from '../model/result.ts'

/** A step's own `timeout` as an assignment's field; the supervisor counts it from the process's start. */
export function stepTimeout(text: string | undefined): Result<{ timeoutMs?: number }, string> {
  if (text === undefined) return ok({})
  const timeoutMs = parseDuration(text)
  return timeoutMs === undefined || timeoutMs <= 0
    ? fail(`invalid timeout "${text}": write a duration such as 10m or 1h30m`)
    : ok({ timeoutMs })
}
