import type { LogPlace, LogStart, LogText, LogTexts as LogTextsPort } from '../api/web-ports.ts'
import type { Db } from './db.ts'

/** Bytes of one page: lines may have 1 MB each, and a page of them must fit into memory. */
const pageBytes = 2_000_000
const pageEvents = 2_000
/** Errors behind which a line is counted; a step ends with its first. */
const mostErrors = 1_000

const isText = `build_id = $1 and lines is not null and ($2::text is null or plan_id = $2)`
/** Whether a text ends within a line: its event, which ends with the text, has no escaped newline there. */
const unended = `type = 'log' and right(replace(payload, '\\\\', '  '), 4) <> '\\n"}'`
/** With the end of the line before it, where that has none and an error follows ($3: those errors). */
const ends = `lines + (event_id = any($3::bigint[]))::int`

export class LogTexts implements LogTextsPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async start(buildId: number, step: string | undefined, place: LogPlace): Promise<LogStart> {
    const of = [buildId, stored(step)]
    const [{ ended = 0, errors = null, last = null } = {}] = await this.#db.query<{ ended?: number; errors?: number[] | null; last?: number | null }>(
      `select coalesce(sum(lines), 0)::bigint as ended, (array_agg(event_id order by event_id) filter (where type = 'error'))[1:${mostErrors}] as errors, max(event_id) as last
       from build_events where ${isText}`,
      of,
    )
    if (last === null) return { lines: 0, after: -1, ended: 0, unended: false }
    const own = errors === null ? [] : await this.#behindUnended(of, errors)
    const [{ open } = { open: false }] = await this.#db.query<{ open: boolean }>(`select ${unended} as open from build_events where build_id = $1 and event_id = $2`, [buildId, last])
    const all = ended + own.length
    const lines = all + (open ? 1 : 0)
    const from = 'from' in place ? place.from : Math.max(1, lines - place.tail + 1)
    if (from > lines) return { lines, after: last, ended: all, unended: open }
    if (from === 1) return { lines, after: -1, ended: 0, unended: false }
    // The event in which the line before ends. A tail is looked for from the end, so that it does not take the longer the more there is.
    const [first] = await this.#db.query<{ id: number; ended: number }>(
      'from' in place
        ? `select event_id as id, before as ended from (select event_id, ${ends} as more, sum(${ends}) over (order by event_id) - (${ends}) as before from build_events where ${isText}) counted
           where before + more >= $4 order by event_id limit 1`
        : `select event_id as id, $5 - behind as ended from (select event_id, sum(${ends}) over (order by event_id desc) as behind from build_events where ${isText}) counted
           where $5 - behind < $4 order by event_id desc limit 1`,
      [...of, own, from - 1, ...('from' in place ? [] : [all])],
    )
    return first === undefined ? { lines, after: -1, ended: 0, unended: false } : { lines, after: first.id - 1, ended: Number(first.ended), unended: own.includes(first.id) }
  }

  async read(buildId: number, step: string | undefined, after: number, lines: number): Promise<readonly LogText[]> {
    const page = await this.#page([buildId, stored(step), after, lines])
    if (page.length > 0) return page
    // Of a step that is silent for long, the next text may be far away.
    const [next] = await this.#db.query<{ id: number }>(`select event_id as id from build_events where ${isText} and event_id > $3 order by event_id limit 1`, [buildId, stored(step), after])
    return next === undefined ? [] : this.#page([buildId, stored(step), next.id - 1, lines])
  }

  /** Of the next events. Both ends are given, since a database without statistics sorts all that is behind the first. Lines are counted before bytes: to measure a payload the database unpacks it. */
  async #page([buildId, step, after, lines]: readonly [build: number, step: string | null, after: number, lines: number]): Promise<readonly LogText[]> {
    const rows = await this.#db.query<{ id: number; type: string; payload: string }>(
      `select id, type, payload
       from (
         select event_id as id, type, payload, sum(octet_length(payload)) over (order by event_id) - octet_length(payload) as bytes_before
         from (
           select event_id, type, payload, sum(lines) over (order by event_id) - lines as lines_before
           from build_events where ${isText} and event_id > $3 and event_id <= $4
         ) counted
         where lines_before < $6
       ) measured
       where bytes_before < $5 order by id`,
      [buildId, step, after, after + pageEvents, pageBytes, lines],
    )
    return rows.map(({ id, type, payload }) => textOf(id, type, JSON.parse(payload) as Stored))
  }

  async #behindUnended(of: readonly (number | string | null)[], errors: readonly number[]): Promise<readonly number[]> {
    const rows = await this.#db.query<{ id: number }>(
      `select id from unnest($3::bigint[]) as error (id)
       join lateral (select type, payload from build_events where ${isText} and event_id < id order by event_id desc limit 1) before on ${unended}`,
      [...of, errors],
    )
    return rows.map(({ id }) => Number(id))
  }
}

/** As the column has it: what JSON escapes stays so. */
const stored = (step: string | undefined): string | null => (step === undefined ? null : JSON.stringify(step).slice(1, -1))

interface Stored {
  readonly time: number
  /** Of a build's own errors, absent. */
  readonly origin?: { readonly id: string; readonly source?: 'stdout' | 'stderr' }
  readonly payload?: string
  readonly message?: string
}

function textOf(id: number, type: string, { time, origin, payload = '', message = '' }: Stored): LogText {
  const [plan, at] = [origin?.id ?? '', time * 1000]
  return type === 'error' ? { id, plan, source: 'error', time: at, text: message } : { id, plan, source: origin?.source ?? 'stdout', time: at, text: payload }
}
