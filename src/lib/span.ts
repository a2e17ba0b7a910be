export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A piece of work in a trace. */
export interface Span {
  /** As W3C's header and variable of that name have it. */
  readonly traceparent: string
  readonly traceId: string
  set(attributes: SpanAttributes): void
  /** `error`: why it went wrong, without secrets. */
  end(error?: string): void
}

export interface SpanStart {
  readonly name: string
  readonly attributes: SpanAttributes
  /** Work that somebody asked for over the network, who may have sent a traceparent. */
  readonly request?: { readonly traceparent: string | undefined }
  /** What it is part of; absent: a trace of its own begins. */
  readonly parent?: Span | undefined
}

/** Tells a collector of traces what work there is. */
export interface Tracing {
  start(span: SpanStart): Span
}
