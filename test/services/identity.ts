import { readFile } from 'node:fs/promises'

/** A process that stays told apart when its number is used again. */
export interface Identity {
  readonly pid: number
  /** Clock ticks between boot and the process's start. */
  readonly started: string
}

interface Stat {
  readonly state: string
  readonly started: string
}

async function stat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields[0], fields[19]]
  return state === undefined || started === undefined ? undefined : { state, started }
}

export async function identify(pid: number): Promise<Identity> {
  return { pid, started: (await stat(pid))?.started ?? '' }
}

/** A zombie is not alive: nobody may have reaped it yet. */
export async function isAlive({ pid, started }: Identity): Promise<boolean> {
  const now = await stat(pid)
  return now !== undefined && now.started === started && now.state !== 'Z' && now.state !== 'X'
}
