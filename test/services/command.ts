import { spawn } from 'node:child_process'

export interface Outcome {
  /** Exit status; 127 when the program could not be started. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly input?: string | Uint8Array
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number
}

/** Runs a program to its end; never throws. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.timeout !== undefined && { timeout: options.timeout, killSignal: 'SIGKILL' as const }),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }))
    child.on('close', (code, signal) => {
      const stderr = Buffer.concat(err).toString() + (signal === null ? '' : `killed by ${signal}\n`)
      resolve({ code: code ?? 128, stdout: Buffer.concat(out).toString(), stderr })
    })
    // A program that ends without reading its input is no error of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a program and gives its standard output; throws with its words when it fails. */
export async function must(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit status ${code}\n${(stderr || stdout).trim()}`)
  return stdout
}

/** Whether a program is on PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  return (await run('sh', ['-c', 'command -v "$1"', 'sh', program])).code === 0
}
