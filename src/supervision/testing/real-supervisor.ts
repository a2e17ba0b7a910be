import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** The built supervisor for this machine, or undefined: `node scripts/build-supervisor.mjs` makes it. */
export function supervisorBinary(): string | undefined {
  if (process.platform !== 'linux') return undefined
  const folder = join(import.meta.dirname, '../../../supervisor/bin')
  const candidates = [process.env['AIRSIDE_SUPERVISOR'], join(folder, `airside-supervisor-linux-${arch}`), join(folder, `linux-${arch}`, 'airside-supervisor')]
  return candidates.find((path) => path !== undefined && existsSync(path))
}

/** The Go supervisor as an ordinary process of this machine, with a state folder of its own. */
export class RealSupervisor {
  readonly state: string
  readonly #env: Record<string, string>
  #process: ChildProcess | undefined
  stderr = ''

  constructor(env: { AIRSIDE_CONTAINER: string } & Record<string, string>) {
    this.state = mkdtempSync(join(tmpdir(), 'airside-supervisor-'))
    this.#env = { AIRSIDE_STATE: this.state, PATH: process.env['PATH'] ?? '', ...env }
  }

  start(): void {
    const binary = supervisorBinary()
    if (binary === undefined) throw new Error('no supervisor has been built')
    const child = spawn(binary, [], { env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()))
    this.#process = child
  }

  /** Exit status, or the signal's name. */
  exited(): Promise<number | string> {
    const child = this.#process
    if (child === undefined) return Promise.resolve(0)
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? child.signalCode ?? 0)
    return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 0)))
  }

  async kill(): Promise<void> {
    const exited = this.exited()
    this.#process?.kill('SIGKILL')
    await exited
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.state, { recursive: true, force: true })
  }
}
