import type { ServerResponse } from 'node:http'
import type { z } from 'zod'

/** What a handler answers. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'text'; readonly status: number; readonly text: string }
  | { readonly kind: 'empty'; readonly status: number }
  /** The handler writes the response by itself. */
  | { readonly kind: 'stream'; readonly write: (response: ServerResponse) => Promise<void> }

/** A value of the route's schema, which tests check. */
export const jsonOf = <S extends z.ZodType>(_schema: S, value: z.input<S>, options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}): Reply => ({
  kind: 'json',
  status: options.status ?? 200,
  value,
  ...(options.headers && { headers: options.headers }),
})
export const empty = (status: number): Reply => ({ kind: 'empty', status })
export const text = (status: number, line: string): Reply => ({ kind: 'text', status, text: line })
export const notFound: Reply = empty(404)
