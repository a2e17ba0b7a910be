import type { SpanAttributes, Tracing } from '../span.ts'

export interface FakeSpan {
  readonly name: string
  readonly traceparent: string
  readonly parent: string | undefined
  attributes: SpanAttributes
  ended: number
  error?: string
}

/** Remembers spans; the n-th has the id n, and the first of a trace gives that its id. */
export function fakeTracing(): Tracing & { readonly spans: readonly FakeSpan[] } {
  const spans: FakeSpan[] = []
  return {
    spans,
    start({ name, attributes, request, parent }) {
      const id = spans.length + 1
      const traceId = parent?.traceId ?? String(id).padStart(32, '0')
      const span: FakeSpan = { name, attributes, parent: parent?.traceparent ?? request?.traceparent, traceparent: `00-${traceId}-${String(id).padStart(16, '0')}-01`, ended: 0 }
      spans.push(span)
      return {
        traceId, traceparent: span.traceparent,
        set: (more) => void (span.attributes = { ...span.attributes, ...more }),
        end(error) {
          span.ended += 1
          if (error !== undefined) span.error ??= error
        },
      }
    },
  }
}
