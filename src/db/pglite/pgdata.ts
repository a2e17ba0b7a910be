import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Gives a directory that createTemplate filled, and makes it where it is missing, which takes seconds. */
export type Template = () => Promise<string>

/** The PostgreSQL data directory within `dir`, copied from the template, which is asked for only when the directory is absent. Call it under the lock. */
export async function ensurePgdata(dir: string, template: Template | undefined): Promise<string> {
  const pgdata = join(dir, 'pgdata')
  const unfinished = join(dir, 'pgdata.new')
  await rm(unfinished, { recursive: true, force: true })
  if (await exists(join(pgdata, 'PG_VERSION'))) return pgdata
  const source = template && join(await template(), 'pgdata')
  // Renamed when complete: a copy that was killed in the middle is no database.
  if (source !== undefined && (await copied(source, unfinished))) await rename(unfinished, pgdata)
  else await mkdir(dir, { recursive: true, mode: 0o700 })
  return pgdata
}

/** False when the template is not there, or goes while it is copied (`airside clean`): the database is then created anew. */
async function copied(source: string, target: string): Promise<boolean> {
  try {
    await copyFolder(source, target)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await rm(target, { recursive: true, force: true })
    return false
  }
}

/** fs.cp looks at each file several times: for the 600 of a database it takes half a second of processor time, this a tenth of that. */
async function copyFolder(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(source, { withFileTypes: true })) {
    await (entry.isDirectory() ? copyFolder : copyFile)(join(source, entry.name), join(target, entry.name))
  }
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
