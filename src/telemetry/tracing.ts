import { diag, DiagLogLevel, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Span as OtelSpan, type SpanContext } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Log } from '../lib/log.ts'
import type { Span, SpanStart, Tracing } from '../lib/span.ts'

export interface TracingOptions {
  /** Of OTLP over HTTP; spans go to /v1/traces below it. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  /** Of all spans. */
  readonly attributes: Readonly<Record<string, string>>
  readonly log: Log
}

export interface OpenTracing extends Tracing {
  /** Sends what waits; a collector that does not answer is given up by its time limit. */
  close(): Promise<void>
}

/** Characters of an attribute: names of users may be long. */
const longestAttribute = 1_024
/** Spans that wait for a collector; more are dropped, which the log says. */
const mostWaiting = 4_096
const exportMs = 5_000

/** Sends spans to a collector by OTLP, protobuf over HTTP. */
export function openTracing({ endpoint, headers, serviceName, attributes, log }: TracingOptions): OpenTracing {
  const say = (level: 'warn' | 'error') => (message: string): void => log[level]({ component: 'tracing', reason: message.slice(0, longestAttribute) }, 'sending traces failed')
  const nothing = (): void => undefined
  diag.setLogger({ error: say('error'), warn: say('warn'), info: nothing, debug: nothing, verbose: nothing }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, headers: { ...headers }, timeoutMillis: exportMs })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ ...attributes, 'service.name': serviceName }),
    spanLimits: { attributeValueLengthLimit: longestAttribute },
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: mostWaiting, exportTimeoutMillis: exportMs })],
  })
  const tracer = provider.getTracer('airside')
  return {
    start({ name, attributes: own, request, parent }: SpanStart): Span {
      const above = parent === undefined ? parentOf(request?.traceparent) : contextOf(parent.traceparent)
      const context = above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above)
      return spanOf(tracer.startSpan(name, { kind: request === undefined ? SpanKind.INTERNAL : SpanKind.SERVER, attributes: { ...own } }, context))
    },
    async close() {
      await provider.shutdown().catch((error: unknown) => log.warn({ err: error, component: 'tracing' }, 'sending the last traces failed'))
      diag.disable()
    },
  }
}

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes({ ...attributes }),
    end(error) {
      if (!span.isRecording()) return
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error.slice(0, longestAttribute) })
      span.end()
    },
  }
}

const traceparents = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Undefined where it is not one of the version that there is, or has an id of zeros: then a trace of its own begins. */
function contextOf(traceparent: string): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = traceparents.exec(traceparent) ?? []
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
  return isSpanContextValid(context) ? context : undefined
}

const parentOf = (traceparent: string | undefined): SpanContext | undefined => (traceparent === undefined ? undefined : contextOf(traceparent))
