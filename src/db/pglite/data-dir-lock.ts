import { link, mkdir, readdir, readFile, rename, rm, utimes, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** Another process has the data directory open; two at once would destroy it. */
export class DataDirLockedError extends Error {
  override readonly name = 'DataDirLockedError'
  readonly dir: string
  readonly pid: number

  constructor(dir: string, pid: number, where: string) {
    super(`the data directory ${dir} is in use by process ${pid}${where}; end that one first, or choose another with --data`)
    this.dir = dir
    this.pid = pid
  }
}

export interface DataDirLock {
  release(): Promise<void>
}

type Holder = ProcessIdentity & { readonly released?: true }

const beatMs = 5_000
/** A holder in another container or on another machine counts as gone when it has given no sign for this long. */
const silenceMs = 30_000

/**
 * Lock files are numbered, and the highest one counts: `lock.7` is held by the process that it names, or free if that has
 * gone or released it. Who finds it free makes `lock.8` with link(2), which succeeds for one alone. Deleting and making one
 * name anew would let two of them in who both found the same dead holder.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const self = await ownIdentity()
  const mine = join(dir, `.lock-${randomUUID()}`)
  await writeFile(mine, JSON.stringify(self), { mode: 0o600 })
  try {
    for (;;) {
      const last = (await lockNumbers(dir)).at(-1) ?? 0
      if (last > 0) await refuseIfHeld(dir, last)
      const path = lockPath(dir, last + 1)
      if (await linked(mine, path)) {
        await removeBelow(dir, last + 1)
        return held(path, self)
      }
    }
  } finally {
    await rm(mine, { force: true })
  }
}

function held(path: string, self: ProcessIdentity): DataDirLock {
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, beatMs)
  beat.unref()
  let released: Promise<void> | undefined
  return {
    release: () => {
      clearInterval(beat)
      released ??= markReleased(path, self)
      return released
    },
  }
}

/** The file stays, so that the numbers never begin anew. */
async function markReleased(path: string, self: ProcessIdentity): Promise<void> {
  const note: Holder = { ...self, released: true }
  await writeFile(`${path}.released`, JSON.stringify(note), { mode: 0o600 })
  await rename(`${path}.released`, path)
}

async function refuseIfHeld(dir: string, number: number): Promise<void> {
  const path = lockPath(dir, number)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return // another process has taken the lock meanwhile: the next link fails, and the loop reads it again
  const holder = parse(text)
  if (holder === undefined || holder.released || !(await isAlive(holder))) return
  if (holder.space === (await ownIdentity()).space) throw new DataDirLockedError(dir, holder.pid, '')
  const lastSign = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
  if (Date.now() - lastSign < silenceMs) {
    throw new DataDirLockedError(dir, holder.pid, ` of another machine or container (${holder.space.split(' ')[0]}; taken over ${silenceMs / 1000} s after its last sign)`)
  }
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

const lockPath = (dir: string, number: number): string => join(dir, `lock.${number}`)

async function lockNumbers(dir: string): Promise<number[]> {
  const numbers = (await readdir(dir)).flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  return numbers.toSorted((a, b) => a - b)
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function removeBelow(dir: string, number: number): Promise<void> {
  for (const older of await lockNumbers(dir)) if (older < number) await rm(lockPath(dir, older), { force: true })
}
