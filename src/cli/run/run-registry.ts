import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What `airside run --list` shows: a small file for each run, beside the databases that only their process can open. */
export interface RunEntry {
  readonly instance: number
  readonly build: number
  readonly pid: number
  readonly pipeline: string
  readonly job: string
  /** Unix ms. */
  readonly startedAt: number
}

const folderOf = (data: string): string => join(data, 'runs')

export async function recordRun(data: string, entry: RunEntry): Promise<() => Promise<void>> {
  await mkdir(folderOf(data), { recursive: true, mode: 0o700 })
  const file = join(folderOf(data), `${entry.instance}-${entry.build}.json`)
  await writeFile(file, JSON.stringify(entry), { mode: 0o600 })
  return () => rm(file, { force: true })
}

export async function listRuns(data: string): Promise<readonly (RunEntry & { readonly alive: boolean })[]> {
  const names = (await readdir(folderOf(data)).catch(() => [])).filter((name) => name.endsWith('.json'))
  const runs = await Promise.all(names.map((name) => readEntry(join(folderOf(data), name))))
  return runs.filter((run) => run !== undefined).map((run) => ({ ...run, alive: isAlive(run.pid) })).toSorted((a, b) => a.startedAt - b.startedAt)
}

async function readEntry(file: string): Promise<RunEntry | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunEntry
  } catch {
    return undefined // it ended between the two looks
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
