import { cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The PostgreSQL data directory within `dir`, copied from the template when it is absent. Call it under the lock. */
export async function ensurePgdata(dir: string, template: string | undefined): Promise<string> {
  const pgdata = join(dir, 'pgdata')
  const unfinished = join(dir, 'pgdata.new')
  await rm(unfinished, { recursive: true, force: true })
  if (await exists(join(pgdata, 'PG_VERSION'))) return pgdata
  const source = template === undefined ? undefined : join(template, 'pgdata')
  if (source !== undefined && (await exists(source))) {
    // Renamed when complete: a copy that was killed in the middle is no database.
    await cp(source, unfinished, { recursive: true })
    await rename(unfinished, pgdata)
  } else {
    await mkdir(dir, { recursive: true, mode: 0o700 })
  }
  return pgdata
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
