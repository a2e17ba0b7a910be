import { about, inSpan, spanOfWork, workAbout, type About } from './about.ts'
import { messageOf } from './errors.ts'
import type { Span, SpanAttributes, Tracing } from './span.ts'

/** What is traced, beside what the work is about. */
export interface Traced {
  readonly name: string
  readonly attributes?: SpanAttributes
  /** Takes secrets out of what an error says; absent: it says none. */
  readonly redact?: (text: string) => string
}

/** What the work is about, by the names that Concourse's spans have. */
export function attributesAbout({ request, team, pipeline, job, resource, build }: About): SpanAttributes {
  const named = { request_id: request, team_name: team, pipeline, job, resource, build_id: build === undefined ? undefined : String(build) }
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Runs work within a span, whose lines of the log name the trace. Without tracing it just runs. */
export async function traced<T>(tracing: Tracing | undefined, { name, attributes, redact = (text) => text }: Traced, work: (span: Span | undefined) => Promise<T>): Promise<T> {
  if (tracing === undefined) return work(undefined)
  const span = tracing.start({ name, attributes: { ...attributesAbout(about()), ...attributes }, parent: spanOfWork() })
  try {
    const result = await workWithin(span, () => work(span))
    span.end()
    return result
  } catch (error) {
    span.end(redact(messageOf(error)))
    throw error
  }
}

export const workWithin = <T>(span: Span, work: () => T): T => inSpan(span, () => workAbout({ trace: span.traceId }, work))
