import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { identify, isAlive, type Identity } from './identity.ts'
import { Fatal, until } from './wait.ts'

export interface DaemonOptions {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** Standard error and, unless `stdout` names another, standard output. Appended to. */
  readonly logFile: string
  readonly stdout?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** End with the process that started it, even when that is killed with -9. Else it lives on. */
  readonly tied: boolean
}

export interface Daemon extends Identity {
  readonly name: string
  readonly logFile: string
}

/** Starts a program in the background, in a session of its own. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const err = await open(options.logFile, 'a')
  const out = options.stdout === undefined ? undefined : await open(options.stdout, 'a')
  try {
    const [program, args] = options.tied
      ? ['setpriv', ['--pdeathsig', 'KILL', options.program, ...options.args]]
      : [options.program, [...options.args]]
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', (out ?? err).fd, err.fd],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    return { ...(await identify(child.pid as number)), name: options.name, logFile: options.logFile }
  } finally {
    await err.close()
    await out?.close()
  }
}

/** Waits until `ask` answers; at once an error, with the log's last lines, when the daemon has ended. */
export function untilUp<T>(daemon: Daemon, ask: () => Promise<T | undefined | false>): Promise<T> {
  return until(
    `${daemon.name} to answer`,
    async () => {
      const answer = await ask().catch(() => undefined)
      if (answer !== undefined && answer !== false) return answer
      if (!(await isAlive(daemon))) throw new Fatal(`${daemon.name} has ended:\n${await lastLines(daemon.logFile)}`)
      return undefined
    },
    { why: () => lastLines(daemon.logFile) },
  )
}

/** Ends a daemon and waits until it is gone; KILL after `grace` seconds. */
export async function stopDaemon(daemon: Identity, signal: NodeJS.Signals = 'SIGTERM', grace = 10): Promise<void> {
  await send(daemon, signal)
  const gone = async () => !(await isAlive(daemon))
  try {
    await until('end', gone, { seconds: grace })
  } catch {
    await send(daemon, 'SIGKILL')
    await until(`process ${daemon.pid} to end`, gone)
  }
}

async function send(target: Identity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(target))) return
  try {
    process.kill(target.pid, signal)
  } catch {
    // It ended in between.
  }
}

async function lastLines(file: string, count = 15): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
