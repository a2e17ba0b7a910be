import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { z } from 'zod'

export type Headers = Readonly<Record<string, string>>

export interface KeptJson {
  readonly bytes: Buffer
  /** Compressed once, for the first who takes that. */
  gzip(): Promise<Buffer>
}

/** What a handler answers. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown; readonly schema: z.ZodType; readonly headers?: Headers }
  /** The same, encoded before. */
  | { readonly kind: 'kept'; readonly status: 200; readonly json: KeptJson; readonly schema: z.ZodType; readonly headers?: Headers }
  /** `type`: default plain text. */
  | { readonly kind: 'text'; readonly status: number; readonly text: string; readonly type?: string; readonly headers?: Headers }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Headers }
  /** The connection becomes a web socket. */
  | { readonly kind: 'upgrade'; readonly accept: (socket: WebSocket) => Promise<void> }
  /** The handler writes the response by itself. */
  | { readonly kind: 'stream'; readonly write: (response: ServerResponse) => Promise<void> }

/** A value of the schema, which tests check. */
export const jsonOf = <S extends z.ZodType>(schema: S, value: z.input<S>, options: { readonly status?: number; readonly headers?: Headers } = {}): Reply => ({
  kind: 'json',
  status: options.status ?? 200,
  value,
  schema,
  ...(options.headers && { headers: options.headers }),
})
/** As HTTP has it. */
export function statusOf(reply: Reply): number {
  switch (reply.kind) {
    case 'upgrade':
      return 101
    case 'stream':
      return 200
    default:
      return reply.status
  }
}
export const empty = (status: number, headers?: Headers): Reply => ({ kind: 'empty', status, ...(headers && { headers }) })
export const text = (status: number, line: string): Reply => ({ kind: 'text', status, text: line })
export const notFound: Reply = empty(404)

/** Errors as JSON:API has them: fly shows each `detail`. */
export const errorsOf = (status: number, errors: readonly { readonly title: string; readonly detail: string; readonly status: string }[]): Reply => ({
  kind: 'text',
  status,
  text: `${JSON.stringify({ errors })}\n`,
  type: 'application/vnd.api+json',
})
