import { z } from 'zod'
import { boundedString } from '../../../lib/bounded.ts'

/** One message of a pull. `bytes` and `total` are of one layer. */
export type PullMessage =
  | { readonly kind: 'progress'; readonly layer: string; readonly bytes: number; readonly total: number }
  | { readonly kind: 'status'; readonly text: string }
  /** The pull has failed; the engine's words. */
  | { readonly kind: 'error'; readonly message: string }

/** A line has 4 MiB at most. */
const text = boundedString(4 * 1024 * 1024)
const shape = z.object({
  status: text.optional(),
  id: text.optional(),
  error: text.optional(),
  errorDetail: z.object({ message: text.optional() }).nullish(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
})

/** An engine answers 200 before it has pulled anything: errors come in the stream. */
export async function* pullMessages(lines: AsyncIterable<unknown>): AsyncIterable<PullMessage> {
  for await (const line of lines) {
    const parsed = shape.safeParse(line)
    if (!parsed.success) continue
    const { status, id, error, errorDetail, progressDetail } = parsed.data
    const failure = errorDetail?.message ?? error
    if (failure !== undefined) yield { kind: 'error', message: failure.trim() }
    // Docker reports unpacking with the same fields; only what comes over the wire counts.
    else if (progressDetail?.total !== undefined && id !== undefined && !/extract|verif/i.test(status ?? '')) {
      yield { kind: 'progress', layer: id, bytes: progressDetail.current ?? 0, total: progressDetail.total }
    } else if (status !== undefined) yield { kind: 'status', text: status }
  }
}
