import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, type Identity } from '../services/identity.ts'
import type { Sysctls } from './sysctls.ts'
import { POINTER_FOLDER, POINTER_NAME } from './settings.ts'

/** What must be known to use, or to take down, a cluster that another process has started. */
export interface State {
  readonly dir: string
  /** Kernel settings before we came. */
  readonly sysctls: Sysctls
  /** Folders outside `dir` that did not exist before. */
  readonly madeFolders: readonly string[]
  /** Up until taken down by hand, whoever else uses it. */
  readonly kept: boolean
  /** Processes that use it; the last of them takes it down. */
  readonly users: readonly Identity[]
  /** Set once it is ready. */
  readonly running?: Running
}

export interface Running {
  readonly kubeconfig: string
  readonly registryHost: string
  readonly accessLog: string
  /** Folders of built programs. */
  readonly programs: Readonly<Record<string, string>>
  /** Every daemon's process. */
  readonly daemons: Readonly<Record<string, Identity>>
}

const pointer = join(POINTER_FOLDER, POINTER_NAME)

export async function readState(): Promise<State | undefined> {
  return read(pointer)
}

/** Other numbers' clusters on this machine, running or left over. */
export async function otherStates(): Promise<State[]> {
  const names = await readdir(POINTER_FOLDER).catch(() => [])
  const others = names.filter((name) => name.endsWith('.json') && name !== POINTER_NAME)
  return (await Promise.all(others.map((name) => read(join(POINTER_FOLDER, name))))).filter((state) => state !== undefined)
}

export async function writeState(state: State): Promise<void> {
  await mkdir(POINTER_FOLDER, { recursive: true, mode: 0o700 })
  await writeFile(`${pointer}.new`, JSON.stringify(state, null, 2), { mode: 0o600 })
  await rename(`${pointer}.new`, pointer)
}

export async function removeState(): Promise<void> {
  await rm(pointer, { force: true })
  await rmdir(POINTER_FOLDER).catch(() => undefined)
}

async function read(file: string): Promise<State | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as State)
}

export async function liveUsers(state: State): Promise<Identity[]> {
  const alive = await Promise.all(state.users.map(isAlive))
  return state.users.filter((_, index) => alive[index])
}

/** Why a cluster that was started cannot be used: daemons that have ended, files that were deleted. */
export async function problemsOf(running: Running): Promise<string[]> {
  const entries = Object.entries(running.daemons)
  const alive = await Promise.all(entries.map(([, daemon]) => isAlive(daemon)))
  const ended = entries.filter((_, index) => !alive[index]).map(([name]) => `${name} has ended`)
  return existsSync(running.kubeconfig) ? ended : [...ended, `${running.kubeconfig} is gone`]
}
