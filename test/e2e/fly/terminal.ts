import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

export interface Ran {
  readonly status: number | null
  readonly out: string
}

export interface FlyRun {
  readonly fly: string
  readonly args: readonly string[]
  /** Its HOME, which has its file of targets, and where files that it names stand. */
  readonly folder: string
  /** Answers its questions. */
  readonly input?: string
  /** Under a pseudo-terminal, as util-linux's script makes it. */
  readonly terminal?: boolean
  /** Typed once `after` was printed. */
  readonly typed?: { readonly after: string; readonly text: string }
  /** Sees all that was printed so far. */
  readonly onOutput?: (out: string) => void
}

/** Runs fly to its end; both of its outputs in one, as a terminal shows them. */
export function runFly({ fly, args, folder, input = '', terminal = false, typed, onOutput }: FlyRun): Promise<Ran> {
  const quoted = [fly, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const [program = '', ...words] = terminal ? ['script', '-qefc', quoted, '/dev/null'] : [fly, ...args]
  const child = spawn(program, words, { cwd: folder, env: { ...process.env, HOME: folder, SHELL: '/bin/sh' }, stdio: 'pipe' })
  let out = ''
  let waiting = typed
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (waiting !== undefined && out.includes(waiting.after)) {
        type(child.stdin, waiting.text)
        waiting = undefined
      }
      onOutput?.(out)
    })
  }
  // A program that ended before it had read its input closes the pipe.
  child.stdin.on('error', () => undefined)
  // The end of what is typed would end the terminal too.
  if (terminal || typed !== undefined) child.stdin.write(input)
  else child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, out }))
  })
}

/** Key by key: several at once are taken for a paste. */
function type(stdin: Writable, text: string): void {
  if (text === '') return
  stdin.write(text.slice(0, 1))
  setImmediate(() => type(stdin, text.slice(1)))
}
