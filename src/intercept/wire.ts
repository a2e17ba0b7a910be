import type { Socket } from 'node:net'
import { z } from 'zod'
import { boundedArray, boundedString } from '../lib/bounded.ts'

/**
 * What an `airside intercept` says to the process that has the containers, on a socket in the data folder that only their user
 * can open: one JSON object a line, bytes in base64. One session a connection; whoever closes it hangs up.
 */
const size = { columns: z.number().int().min(1).max(65_535), rows: z.number().int().min(1).max(65_535) }
const handle = boundedString(256)
/** No longer than a line. */
const text = boundedString(4 * 1024 * 1024)
const data = text.regex(/^[A-Za-z0-9+/]*={0,2}$/)
const words = boundedArray(text, 100_000).readonly()

export const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('find') }),
  z.object({ type: z.literal('remove'), handle }),
  z.object({
    type: z.literal('enter'),
    handle,
    process: z.object({
      path: text,
      args: words,
      env: words,
      dir: text.exactOptional(),
      user: text.exactOptional(),
      tty: z.object(size).exactOptional(),
    }),
  }),
  z.object({ type: z.literal('stdin'), data, eof: z.boolean() }),
  z.object({ type: z.literal('resize'), ...size }),
])
export type Request = z.infer<typeof requestSchema>

const target = z.object({
  handle,
  instance: z.number(),
  buildId: z.number(),
  pipeline: text.exactOptional(),
  job: text.exactOptional(),
  step: text,
  type: z.enum(['task', 'get', 'put', 'check', 'run']),
  attempt: text.exactOptional(),
  state: z.enum(['running', 'kept', 'ended']),
})

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exited'), status: z.number().int() }),
  z.object({ kind: z.literal('signaled'), signal: text, oom: z.boolean() }),
  z.object({
    kind: z.literal('error'),
    reason: z.enum(['executable-not-found', 'user-not-found', 'start-failed', 'input-failed', 'output-failed', 'response-too-large']),
    message: text,
  }),
  z.object({ kind: z.literal('killed'), oom: z.boolean(), message: text }),
  z.object({ kind: z.literal('never-started') }),
])

export const answerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), instance: z.number() }),
  z.object({ type: z.literal('found'), targets: boundedArray(target, 100_000).readonly(), problems: words }),
  z.object({ type: z.literal('removed') }),
  z.object({ type: z.literal('entered') }),
  z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), data }),
  z.object({ type: z.literal('ended'), outcome }),
  z.object({ type: z.literal('lost'), message: text }),
  z.object({ type: z.literal('refused'), message: text }),
])
export type Answer = z.infer<typeof answerSchema>

/** Sends one message; resolves when the other side takes more, or is gone. */
export async function say(socket: Socket, message: Request | Answer): Promise<void> {
  if (!socket.writable || socket.write(`${JSON.stringify(message)}\n`)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

/** 64 KiB of input in base64, and a long command line. */
const longestLine = 4 * 1024 * 1024

/** Messages as they come, one at a time; ends with the connection, or at the first one that is none. */
export async function* messages<T>(socket: Socket, schema: z.ZodType<T>): AsyncGenerator<T> {
  let rest = ''
  try {
    for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const message = parse(line, schema)
        if (message === undefined) return
        yield message
      }
      if (rest.length > longestLine) return
    }
  } catch {
    // The other side was killed: as its end.
  } finally {
    socket.destroy()
  }
}

function parse<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
