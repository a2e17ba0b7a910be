import { fail, ok, type Result } from '../../../model/result.ts'
import { parseOtlpEndpoint } from '../addresses.ts'
import type { ConcourseVariables, Setting } from '../setting.ts'
import { one, pairs, text } from '../types.ts'

/** The first of these that is set; OpenTelemetry's own come first. */
const oneOf = (...names: string[]): ConcourseVariables => ({ names, read: (variable) => names.map(variable).find((value) => value !== undefined) })

/** OpenTelemetry and Concourse write them behind commas. */
const commaPairs = (...names: string[]): ConcourseVariables => ({ names, read: (variable) => oneOf(...names).read(variable)?.replaceAll(',', '\n') })

function parsePair(given: string): Result<readonly [string, string], string> {
  const [, name, value] = /^([^=:\s]+)[=:](.*)$/.exec(given) ?? []
  return name === undefined || value === undefined ? fail('write it as NAME=VALUE') : ok([name, value.trim()])
}
const valueOf = (pair: string): string => pair.slice(pair.search(/[=:]/) + 1)

export const tracing = {
  'tracing-otlp-endpoint': {
    group: 'Server', commands: ['web'], type: one('URL', parseOtlpEndpoint), otherwise: 'nothing is traced', concourse: oneOf('OTEL_EXPORTER_OTLP_ENDPOINT'),
    summary: 'collector that traces are sent to, by OTLP over HTTP',
    details: "Concourse's `CONCOURSE_TRACING_OTLP_ADDRESS` is one of gRPC, mostly port 4317; that of HTTP is mostly 4318 at the same collector.",
  },
  'tracing-otlp-header': {
    group: 'Server', commands: ['web'], type: pairs('NAME=VALUE', parsePair, (pair) => `${pair.split(/[=:]/, 1)[0] ?? ''}=…`), secret: (pair: string) => [valueOf(pair)],
    concourse: commaPairs('OTEL_EXPORTER_OTLP_HEADERS', 'CONCOURSE_TRACING_OTLP_HEADER'),
    summary: 'header that traces are sent with',
  },
  'tracing-service-name': {
    group: 'Server', commands: ['web'], type: text('NAME'), default: 'airside-web', concourse: oneOf('OTEL_SERVICE_NAME', 'CONCOURSE_TRACING_SERVICE_NAME'),
    summary: 'service that traces are of',
  },
  'tracing-attribute': {
    group: 'Server', commands: ['web'], type: pairs('NAME=VALUE', parsePair), concourse: commaPairs('OTEL_RESOURCE_ATTRIBUTES', 'CONCOURSE_TRACING_ATTRIBUTE'),
    summary: 'attribute of all traces',
  },
} as const satisfies Readonly<Record<string, Setting>>
