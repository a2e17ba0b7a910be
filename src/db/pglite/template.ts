import { createHash, randomUUID } from 'node:crypto'
import { readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../db.ts'
import { migrate } from '../migrate.ts'
import { readSchema } from '../migrations.ts'
import { exists } from './pgdata.ts'
import { openPglite } from './pglite-db.ts'
import { initDbParams } from './settings.ts'

/**
 * Builds a migrated, empty database under `dir` for this version of the code, unless it is there, and gives its path. Creating
 * one takes seconds and 700 MB of memory; copying takes neither. `now`: unix ms.
 */
export async function createTemplate(dir: string, now: number): Promise<string> {
  const target = await templatePath(dir)
  if (await exists(target)) return target
  const making = `${target}.${randomUUID()}`
  try {
    const db = await openPglite({ dir: making })
    try {
      await migrate(db, now)
      await dropSpares(db)
    } finally {
      await db.close()
    }
    await rename(making, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error // another process made it meanwhile
    })
  } catch (error) {
    // `airside clean` took the folder away meanwhile: databases are then created without a template.
    if (await exists(making)) throw error
    return target
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  await removeOthers(dir, target, now)
  return target
}

/** Removes old templates of other versions, and incomplete ones that a killed process left. */
async function removeOthers(dir: string, target: string, now: number): Promise<void> {
  const day = 86_400_000
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    if (!/^pglite-[0-9a-f]{16}(\.|$)/.test(name) || path === target) continue
    const made = (await stat(path).catch(() => undefined))?.mtimeMs
    if (made !== undefined && made < now - day) await rm(path, { recursive: true, force: true })
  }
}

/** Two of a new directory's three databases only serve `create database`: without them there are 700 files fewer to copy. */
async function dropSpares(db: Db): Promise<void> {
  await db.script(`update pg_database set datistemplate = false where datname in ('template0', 'template1')`)
  for (const name of ['template0', 'template1']) await db.script(`drop database ${name}`)
  await db.script('checkpoint')
}

/** Where the template of this version of the code stands, if it has been made: keyed by migrations and functions, PGlite's version and our settings. */
async function templatePath(dir: string): Promise<string> {
  const hash = createHash('sha256').update(await pgliteVersion()).update(JSON.stringify(initDbParams))
  const { migrations, functions } = await readSchema()
  for (const { name, checksum } of [...migrations, ...functions]) hash.update(`${name} ${checksum}\n`)
  return join(dir, `pglite-${hash.digest('hex').slice(0, 16)}`)
}

async function pgliteVersion(): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
  return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version
}
