import type { WebSocket } from 'ws'
import { enough, type Clock } from '../../lib/clock.ts'
import type { EnteredProcess, ContainerGateway } from '../container-ports.ts'
import { endFrames, inputOf, specOf, type HijackOutput, type HijackSpec } from './frames.ts'

/** Proxies close connections on which nothing is said for a while. */
const pingMs = 25_000
/** Bytes of input that wait for the container; then the client's socket is not read any more. */
const mostWaiting = 256 * 1024

export interface SessionOptions {
  readonly gateway: Pick<ContainerGateway, 'enter'>
  readonly handle: string
  readonly clock: Clock
  /** Told what runs, and how it ended. */
  readonly onStart: (command: readonly string[]) => void
  readonly onEnd: (frames: readonly HijackOutput[]) => void
}

/** A person's process in a container, at the other end of a web socket. Resolves when both are over. */
export async function hijackSession(socket: WebSocket, { gateway, handle, clock, onStart, onEnd }: SessionOptions): Promise<void> {
  const gone = new AbortController()
  const messages = messagesOf(socket)
  socket.on('error', () => undefined)
  socket.once('close', () => gone.abort(enough))
  void pinging(socket, clock, gone.signal)
  const say = (frame: HijackOutput): Promise<void> => new Promise((resolve) => void socket.send(JSON.stringify(frame), () => resolve()))
  const first = await messages.next()
  const spec = first.done === true ? undefined : specOf(first.value)
  if (spec === undefined) return socket.close(1003, 'malformed process spec')
  onStart([spec.path, ...(spec.args ?? [])])
  const entered = await gateway.enter(handle, processOf(spec), {
    signal: gone.signal,
    onOutput: (bytes, stream) => {
      const data = Buffer.from(bytes).toString('base64')
      return say(stream === 'stdout' ? { stdout: data } : { stderr: data })
    },
  })
  const frames = entered.ok ? await ended(entered.value, messages) : [{ error: entered.error }]
  onEnd(frames)
  for (const frame of frames) await say(frame)
  socket.close(1000)
}

async function ended(process: EnteredProcess, messages: AsyncIterable<Uint8Array>): Promise<readonly HijackOutput[]> {
  void feed(process, messages)
  const result = await process.result
  return result.ok ? endFrames(result.value) : [{ error: result.error.message }]
}

async function feed(process: EnteredProcess, messages: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const message of messages) {
    const input = inputOf(message)
    if (input?.tty != null) {
      const { columns, rows } = sizeOf(input.tty)
      process.resize(columns, rows)
    }
    if (input?.stdin != null && input.stdin !== '') await process.write(Buffer.from(input.stdin, 'base64'))
    if (input?.closed === true) await process.write(new Uint8Array(), true)
  }
}

const sizeOf = ({ window_size: { columns, rows } }: NonNullable<HijackSpec['tty']>) => ({ columns: columns || 80, rows: rows || 24 })

const processOf = ({ path, args, env, dir, user, tty }: HijackSpec) => ({
  path,
  args: args ?? [],
  env: env ?? [],
  ...(dir != null && dir !== '' && { dir }),
  ...(user != null && user !== '' && { user }),
  ...(tty != null && { tty: sizeOf(tty) }),
})

/** What the client sends, one at a time: while much of it waits, the socket is not read. Ends when the client has gone. */
async function* messagesOf(socket: WebSocket): AsyncGenerator<Uint8Array, undefined> {
  const queue: Buffer[] = []
  let waiting = 0
  let [wake, over] = [Promise.withResolvers<void>(), false]
  const call = (): void => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  socket.on('message', (data: Buffer) => {
    queue.push(data)
    waiting += data.length
    if (waiting > mostWaiting) socket.pause()
    call()
  })
  socket.once('close', () => {
    over = true
    call()
  })
  for (;;) {
    const next = queue.shift()
    if (next === undefined) {
      if (over) return undefined
      await wake.promise
      continue
    }
    yield next
    waiting -= next.length
    if (waiting <= mostWaiting) socket.resume()
  }
}

async function pinging(socket: WebSocket, clock: Clock, gone: AbortSignal): Promise<void> {
  while (!gone.aborted) {
    await clock.sleep(pingMs, gone).catch(() => undefined)
    if (!gone.aborted) socket.ping()
  }
}
