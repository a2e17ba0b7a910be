import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A running `airside`, as a user starts it. */
export interface Running {
  readonly child: ChildProcess
  /** Standard output so far. */
  stdout(): string
  stderr(): string
  /** Resolves when stdout matches; rejects when the process ends before. */
  until(pattern: RegExp): Promise<void>
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>
}

/** `input`: what its standard input holds; absent: it has none. */
export function airside(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): Running {
  const child = spawn(join(root, 'bin', 'airside'), args, {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // It may end before it has read all.
  child.stdin?.on('error', () => undefined).end(input)
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of watchers) look()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (status) => {
      resolve({ status, stdout, stderr })
    })
  })
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(stdout)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        void ended.then(() => reject(new Error(`it ended before ${String(pattern)} was there:\n${stdout}\n${stderr}`)))
        look()
      }),
  }
}
