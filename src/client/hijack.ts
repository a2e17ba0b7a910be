import { z } from 'zod'
import type { WebSocket } from 'ws'
import { boundedString } from '../lib/bounded.ts'
import type { ProcessOutcome, ProcessToEnter } from '../model/container.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { ClientError } from './client-error.ts'
import type { Connection } from './connection.ts'

export interface HijackOptions {
  /** Resolves when more may come. */
  readonly onOutput: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void
  /** Hangs up. */
  readonly signal: AbortSignal
}

/** A process in a container, at the other end of a web socket. */
export interface HijackSession {
  /** Resolves when it is sent. `eof`: nothing more will come. */
  write(data: Uint8Array, eof?: boolean): Promise<void>
  resize(columns: number, rows: number): void
  /** Never rejects. Resolves when all output was taken. */
  readonly result: Promise<Result<ProcessOutcome, { readonly kind: 'lost'; readonly message: string; readonly mayStillRun: boolean }>>
}

/** Of a frame of input, before it is written in base64; servers take frames of a megabyte. */
const largestPiece = 64 * 1024
const longest = 8 * 1024 * 1024
const frameSchema = z.object({
  stdout: boundedString(longest).nullish(),
  stderr: boundedString(longest).nullish(),
  error: boundedString(longest).nullish(),
  exit_status: z.number().int().nullish(),
  executable_not_found: z.boolean().nullish(),
})

/** Runs a process in a container, by Concourse's protocol. */
export async function hijack(connection: Connection, { team, handle }: { readonly team: string; readonly handle: string }, process: ProcessToEnter, options: HijackOptions): Promise<Result<HijackSession, ClientError>> {
  const opened = await connection.socket(`/api/v1/teams/${encodeURIComponent(team)}/containers/${encodeURIComponent(handle)}/hijack`)
  return opened.ok ? ok(sessionOf(opened.value, process, options)) : opened
}

function sessionOf(socket: WebSocket, { path, args, env, dir, user, tty }: ProcessToEnter, { onOutput, signal }: HijackOptions): HijackSession {
  const send = (frame: object): Promise<void> => new Promise((resolve) => void socket.send(JSON.stringify(frame), () => resolve()))
  const ended = Promise.withResolvers<Awaited<HijackSession['result']>>()
  let outcome: ProcessOutcome | undefined
  let notFound = false
  let problem: string | undefined
  let [waiting, taken] = [0, Promise.resolve()]

  const take = async (data: Buffer): Promise<void> => {
    const frame = frameOf(data)
    if (frame === undefined) {
      problem = 'the server sent an invalid message'
      return socket.terminate()
    }
    if (frame.stdout != null) await onOutput(Buffer.from(frame.stdout, 'base64'), 'stdout')
    if (frame.stderr != null) await onOutput(Buffer.from(frame.stderr, 'base64'), 'stderr')
    if (frame.executable_not_found === true) notFound = true
    if (frame.exit_status != null) outcome = { kind: 'exited', status: frame.exit_status }
    if (frame.error != null && frame.error !== '') outcome = { kind: 'error', reason: notFound ? 'executable-not-found' : 'start-failed', message: frame.error }
  }
  // What is shown more slowly than it comes is not read from the socket.
  socket.on('message', (data: Buffer) => {
    waiting += 1
    socket.pause()
    taken = taken.then(() => take(data)).then(() => {
      waiting -= 1
      if (waiting === 0) socket.resume()
    })
  })
  const hangUp = (): void => socket.terminate()
  signal.addEventListener('abort', hangUp, { once: true })
  socket.once('close', (code, reason) => {
    signal.removeEventListener('abort', hangUp)
    void taken.then(() => {
      const said = reason.toString()
      const lost = problem ?? `the connection to the container was lost (${code}${said && `: ${said}`})`
      ended.resolve(outcome === undefined ? fail({ kind: 'lost', message: lost, mayStillRun: true }) : ok(outcome))
    })
  })
  const size = (columns: number, rows: number) => ({ window_size: { columns, rows } })
  void send({ path, args, env, ...(dir && { dir }), ...(user && { user }), privileged: true, ...(tty && { tty: size(tty.columns, tty.rows) }) })
  if (signal.aborted) hangUp()
  socket.resume()
  return {
    async write(data, eof = false) {
      for (let at = 0; at < data.length; at += largestPiece) await send({ stdin: Buffer.from(data.subarray(at, at + largestPiece)).toString('base64') })
      if (eof) await send({ closed: true })
    },
    resize: (columns, rows) => void send({ tty: size(columns, rows) }),
    result: ended.promise,
  }
}

function frameOf(data: Buffer): z.output<typeof frameSchema> | undefined {
  try {
    return frameSchema.safeParse(JSON.parse(data.toString('utf8'))).data
  } catch {
    return undefined
  }
}
