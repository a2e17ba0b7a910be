import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isAlive, type Identity } from '../services/identity.ts'
import type { Sysctls } from './sysctls.ts'
import { POINTER_FILE } from './settings.ts'

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

export async function readState(): Promise<State | undefined> {
  const text = await readFile(POINTER_FILE, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as State
  } catch {
    return undefined
  }
}

export async function writeState(state: State): Promise<void> {
  const temporary = `${POINTER_FILE}.new`
  await writeFile(temporary, JSON.stringify(state, null, 2), { mode: 0o600 })
  await rename(temporary, POINTER_FILE)
}

export async function removeState(): Promise<void> {
  await rm(POINTER_FILE, { force: true })
}

export async function liveUsers(state: State): Promise<Identity[]> {
  const alive = await Promise.all(state.users.map(isAlive))
  return state.users.filter((_, index) => alive[index])
}

/** Names of daemons that have ended. */
export async function endedDaemons(running: Running): Promise<string[]> {
  const entries = Object.entries(running.daemons)
  const alive = await Promise.all(entries.map(([, daemon]) => isAlive(daemon)))
  return entries.filter((_, index) => !alive[index]).map(([name]) => name)
}
