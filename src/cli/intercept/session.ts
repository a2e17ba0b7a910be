import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { InterceptGateway } from '../../intercept/gateway.ts'
import type { InterceptedProcess, Interception, ProcessOutcome } from '../../runtime/contract.ts'
import { CommandError } from '../exit.ts'

/** When the command could not be run, or was cut off: as ssh and fly have it. */
export const failedStatus = 255

/** Bash where there is one. `exec`: signals, and the exit status, are the shell's own. */
const defaultShell = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi']

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Everything is passed on as it is, in both directions; or as before. */
  setRaw(raw: boolean): void
  /** Calls back at each signal that ends this process; returns what ends that. */
  onSignal(callback: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void
}

/** Runs a command in a container, with this process's terminal or pipes as its own; gives its exit status. */
export async function runSession(gateway: Pick<InterceptGateway, 'enter'>, handle: string, command: readonly string[], terminal: Terminal): Promise<number> {
  const { stdin, stdout, stderr } = terminal
  const tty = stdin.isTTY === true && stdout.isTTY === true
  const hangUp = new AbortController()
  let endedBy: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined
  const unwatch = terminal.onSignal((signal) => {
    endedBy = signal
    hangUp.abort()
  })
  // Whoever reads our output has left.
  stdout.on('error', () => hangUp.abort())
  try {
    const entered = await gateway.enter(handle, processOf(command, terminal, tty), {
      signal: hangUp.signal,
      onOutput: (data, stream) => written(stream === 'stdout' ? stdout : stderr, data),
    })
    if (!entered.ok) throw new CommandError(entered.error, failedStatus)
    const disconnect = connect(entered.value, terminal, tty)
    const result = await entered.value.result.finally(disconnect)
    if (endedBy !== undefined) return 128 + constants.signals[endedBy]
    if (!result.ok) throw new CommandError(result.error.message, failedStatus)
    return statusOf(result.value, command)
  } finally {
    unwatch()
  }
}

function processOf(command: readonly string[], { stdout, env }: Terminal, tty: boolean): InterceptedProcess {
  const [path = '', ...args] = command.length === 0 ? defaultShell : command
  return {
    path,
    args,
    env: tty ? [`TERM=${env['TERM'] || 'xterm'}`] : [],
    ...(tty && { tty: { columns: stdout.columns || 80, rows: stdout.rows || 24 } }),
  }
}

/** Passes on what is typed, and the window's size; returns what ends that. */
function connect(session: Interception, { stdin, stdout, setRaw }: Terminal, tty: boolean): () => void {
  const resize = (): void => session.resize(stdout.columns || 80, stdout.rows || 24)
  // One piece after the other: what the container does not take yet is not read here.
  const typed = (data: Buffer): void => {
    stdin.pause()
    void session.write(data).then(() => stdin.resume())
  }
  const ended = (): void => void session.write(Buffer.alloc(0), true)
  if (tty) {
    setRaw(true)
    stdout.on('resize', resize)
    resize() // it may have changed while the container was entered
  }
  stdin.on('data', typed).once('end', ended).once('error', ended)
  stdin.resume()
  return () => {
    stdin.off('data', typed).off('end', ended).off('error', ended)
    stdin.pause()
    if (!tty) return
    stdout.off('resize', resize)
    setRaw(false)
  }
}

async function written(stream: Writable, data: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(data)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    stream.on('drain', done).on('close', done).on('error', done)
  })
}

function statusOf(outcome: ProcessOutcome, command: readonly string[]): number {
  switch (outcome.kind) {
    case 'exited':
      return outcome.status
    case 'signaled':
      return 128 + (constants.signals[`SIG${outcome.signal}` as NodeJS.Signals] ?? 0)
    case 'error':
      throw new CommandError(wordsOf(outcome, command), failedStatus)
    case 'killed':
    case 'never-started':
      throw new CommandError('the container has ended', failedStatus)
  }
}

function wordsOf({ reason, message }: ProcessOutcome & { kind: 'error' }, command: readonly string[]): string {
  if (reason !== 'executable-not-found' || command.length > 0) return message
  return 'this image has no shell: name a program of its own, e.g. airside intercept … -- /path/of/program --help'
}
