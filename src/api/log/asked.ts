import { compileRe2, type Re2Pattern } from '../../lib/re2.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { LogPlace } from '../web-ports.ts'

/** What of a log is asked for, and how it is to look. */
export interface LogAsked {
  readonly step: string | undefined
  readonly place: LogPlace
  /** At most so many lines. */
  readonly lines: number
  readonly format: 'text' | 'ndjson'
  readonly strip: boolean
  readonly timestamps: boolean
  /** Lines that do not match are left out. */
  readonly grep?: Re2Pattern
  readonly download: boolean
}

export const logQuery = ['step', 'from', 'lines', 'tail', 'grep', 'ansi', 'format', 'timestamps', 'download'] as const
const longestStep = 1000
const all = 1_000_000_000

/** The error is a sentence. */
export async function logAskedOf(query: URLSearchParams): Promise<Result<LogAsked, string>> {
  const given = (name: (typeof logQuery)[number]): string | undefined => query.get(name) ?? undefined
  const wrong = (['from', 'lines', 'tail'] as const).find((name) => !/^\d{1,9}$/.test(given(name) ?? '0'))
  if (wrong !== undefined) return fail(`${wrong} must be a number of lines, up to 999999999`)
  if (given('from') !== undefined && given('tail') !== undefined) return fail('from and tail exclude each other: one counts lines from the first, the other from the last')
  if (given('from') === '0') return fail('from: lines are counted from 1')
  const [step, format, ansi] = [given('step'), given('format') ?? 'text', given('ansi')]
  if (step !== undefined && step.length > longestStep) return fail(`step is longer than ${longestStep} characters`)
  if (format !== 'text' && format !== 'ndjson') return fail('format must be text or ndjson')
  if (ansi !== undefined && ansi !== 'strip') return fail('ansi must be strip, or left out')
  const grep = given('grep') === undefined ? undefined : await compileRe2(given('grep') ?? '')
  if (grep?.ok === false) return fail(`grep: ${grep.error}`)
  const flag = (name: 'timestamps' | 'download'): boolean => !['false', undefined].includes(given(name))
  return ok({
    step,
    place: given('tail') === undefined ? { from: Number(given('from') ?? 1) } : { tail: Number(given('tail')) },
    lines: Number(given('lines') ?? all),
    format,
    strip: ansi === 'strip',
    timestamps: flag('timestamps'),
    ...(grep !== undefined && { grep: grep.value }),
    download: flag('download'),
  })
}
