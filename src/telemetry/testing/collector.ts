import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly name: string
  /** 1: internal, 2: of a server. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  /** Absent: it went well. */
  readonly error?: string
  /** What all spans of this sender have. */
  readonly resource: Readonly<Record<string, unknown>>
}

export interface Collector {
  readonly url: string
  readonly requests: readonly { readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[]
  readonly spans: readonly CollectedSpan[]
  close(): Promise<void>
}

/** A collector that takes OTLP, protobuf over HTTP; with another `status` it refuses. */
export async function startCollector(status = 200): Promise<Collector> {
  const [requests, spans]: [Collector['requests'][number][], CollectedSpan[]] = [[], []]
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ url: request.url ?? '', headers: request.headers })
      spans.push(...spansOf(Buffer.concat(chunks)))
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, spans,
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

/** Fields of a protobuf message by their numbers: bytes, or numbers of varints. */
function fieldsOf(bytes: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>()
  let at = 0
  const varint = (): number => {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  const take = (length: number): Buffer => bytes.subarray(at, (at += length))
  while (at < bytes.length) {
    const tag = varint()
    const [number, type] = [Math.floor(tag / 8), tag % 8]
    const value = type === 0 ? varint() : take(type === 2 ? varint() : type === 1 ? 8 : 4)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

const messages = (fields: Map<number, (Buffer | number)[]>, number: number): Map<number, (Buffer | number)[]>[] => (fields.get(number) ?? []).map((value) => fieldsOf(value as Buffer))
const text = (fields: Map<number, (Buffer | number)[]>, number: number, encoding: BufferEncoding = 'utf8'): string => (fields.get(number)?.[0] as Buffer | undefined)?.toString(encoding) ?? ''

/** KeyValue: a string, a boolean or a number. */
const attributesOf = (of: Map<number, (Buffer | number)[]>, number: number): Record<string, unknown> =>
  Object.fromEntries(messages(of, number).map((pair) => {
    const value = messages(pair, 2)[0] ?? new Map<number, (Buffer | number)[]>()
    return [text(pair, 1), value.has(1) ? text(value, 1) : value.has(2) ? value.get(2)?.[0] === 1 : value.get(3)?.[0]]
  }))

const spansOf = (bytes: Buffer): CollectedSpan[] =>
  messages(fieldsOf(bytes), 1).flatMap((sender) =>
    messages(sender, 2).flatMap((scope) =>
      messages(scope, 2).map((span) => {
        const status = messages(span, 15)[0]
        return {
          traceId: text(span, 1, 'hex'), spanId: text(span, 2, 'hex'), parentId: text(span, 4, 'hex'), name: text(span, 5), kind: Number(span.get(6)?.[0] ?? 0),
          attributes: attributesOf(span, 9), ...(status?.get(3)?.[0] === 2 && { error: text(status, 2) }),
          resource: Object.assign({}, ...messages(sender, 1).map((resource) => attributesOf(resource, 1))) as Record<string, unknown>,
        }
      }),
    ),
  )
