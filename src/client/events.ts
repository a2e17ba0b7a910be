import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from '../lib/bounded.ts'
import type { Clock } from '../lib/clock.ts'
import type { BuildEvent } from '../model/event.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ClientError } from './client-error.ts'
import { drop, refusal, type Connection } from './connection.ts'

export interface WatchOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The connection broke and is opened again; `message` says why. */
  readonly onReconnect: (message: string) => void
}

/** The largest event that a server sends is a piece of output; far above it. */
const largestEvent = 16 * 1024 * 1024
const longestName = 4_096
/** The server sends a heart beat every 15 s. */
const silenceMs = 60_000
const againMs = 1_000
/** How often in a row a connection may fail before it is given up. */
const attempts = 60

/**
 * A build's events from the first to the last. A connection that breaks is opened again, and the server goes on behind the last event:
 * only its `end` event is the end, never the end of a response. Returns an error where the server refuses, or stays away too long.
 */
export async function* watchBuild(connection: Connection, build: number, { clock, signal, onReconnect }: WatchOptions): AsyncGenerator<BuildEvent, Result<void, ClientError>> {
  let last: string | undefined
  let failures = 0
  for (;;) {
    const outcome = yield* once(connection, { build, last, signal }, (id) => {
      last = id
      failures = 0
    })
    if (outcome.kind === 'ended') return ok(undefined)
    if (outcome.kind === 'refused') return fail(outcome.error)
    failures += 1
    if (failures > attempts) return fail({ kind: 'unreachable', message: outcome.message })
    if (failures === 1) onReconnect(outcome.message)
    await clock.sleep(againMs, signal)
  }
}

type Outcome = { readonly kind: 'ended' } | { readonly kind: 'refused'; readonly error: ClientError } | { readonly kind: 'broken'; readonly message: string }

interface Request {
  readonly build: number
  /** Id of the last event that came. */
  readonly last: string | undefined
  readonly signal: AbortSignal
}

async function* once(connection: Connection, { build, last, signal }: Request, took: (id: string) => void): AsyncGenerator<BuildEvent, Outcome> {
  const answer = await connection.send({
    method: 'GET',
    path: `/api/v1/builds/${build}/events`,
    headers: { accept: 'text/event-stream', ...(last !== undefined && { 'last-event-id': last }) },
    signal,
    silenceMs,
  })
  if (!answer.ok) return { kind: 'broken', message: 'message' in answer.error ? answer.error.message : '' }
  const { status, body } = answer.value
  if (status >= 500) {
    drop(body)
    return { kind: 'broken', message: `the server answered ${status}` }
  }
  if (status !== 200) return { kind: 'refused', error: await refusal(answer.value) }

  let ready: BuildEvent[] = []
  let ended = false
  let problem: string | undefined
  const parser = createParser({
    maxBufferSize: largestEvent,
    onEvent({ event, id, data }) {
      if (event === 'end') ended = true
      if (event !== 'event') return
      const read = eventOf(data)
      if (read === undefined) problem = 'the server sent an invalid event'
      else ready.push(read)
      if (id !== undefined) took(id)
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') problem = 'the server sent an event that is too large'
    },
  })
  const decoder = new TextDecoder()
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      parser.feed(decoder.decode(piece, { stream: true }))
      const events = ready
      ready = []
      yield* events
      if (problem !== undefined) return { kind: 'refused', error: { kind: 'unexpected', message: problem } }
      if (ended) return { kind: 'ended' }
    }
    return { kind: 'broken', message: 'the server closed the connection before the end of the build' }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'broken', message: `the connection broke: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    drop(body)
  }
}

const origin = z.object({ id: boundedString(longestName) })
const time = z.number()
/** Of the events that are shown; all others are passed on as they are. */
const shown: Readonly<Record<string, z.ZodType>> = {
  status: z.object({ status: z.enum(['started', 'succeeded', 'failed', 'errored', 'aborted']), time }),
  log: z.object({ time, origin, payload: boundedString(largestEvent) }),
  error: z.object({ message: boundedString(largestEvent), origin }),
  'initialize-check': z.object({ origin, name: boundedString(longestName) }),
  'initialize-task': z.object({ origin }),
  'start-task': z.object({ origin, config: z.object({ run: z.object({ path: boundedString(largestEvent), args: boundedArray(boundedString(largestEvent), 100_000).nullish() }) }) }),
  'finish-task': z.object({ origin, exit_status: z.number() }),
  'initialize-get': z.object({ origin }),
  'initialize-put': z.object({ origin }),
  'across-substeps': z.object({ origin, substeps: boundedArray(z.object({ step: boundedRecord(boundedString(100), z.unknown(), 100), values: boundedArray(z.unknown(), 1_000) }), 10_000) }),
}
const eventSchema = z.object({ event: boundedString(100), data: boundedRecord(boundedString(100), z.unknown(), 100) })

function eventOf(text: string): BuildEvent | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = eventSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { event, data } = parsed.data
  if (Object.hasOwn(shown, event) && shown[event]?.safeParse(data).success !== true) return undefined
  return { type: event, data } as unknown as BuildEvent
}
