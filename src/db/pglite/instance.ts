import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../db.ts'
import { DataDirLockedError } from './data-dir-lock.ts'
import type { Template } from './pgdata.ts'
import { openPglite } from './pglite-db.ts'

/** Embedded databases side by side in one data folder: each is one process's; a second `airside run` takes the next. */
export interface Instance {
  readonly number: number
  readonly db: Db
}

const mostInstances = 100

const folderOf = (data: string, number: number): string => join(data, 'db', String(number))

/** The first database that no living process holds. */
export async function openFreeInstance(data: string, template: Template | undefined): Promise<Instance> {
  for (let number = 0; number < mostInstances; number += 1) {
    const db = await tryOpen(data, number, template)
    if (db !== undefined) return { number, db }
  }
  throw new Error(`${mostInstances} runs use ${data} at once; choose another folder with --data`)
}

/** One particular database, or undefined while another process holds it. */
export async function tryOpen(data: string, number: number, template: Template | undefined): Promise<Db | undefined> {
  try {
    return await openPglite({ dir: folderOf(data, number), ...(template !== undefined && { template }) })
  } catch (error) {
    if (error instanceof DataDirLockedError) return undefined
    throw error
  }
}

/** Numbers of the databases that exist, in order. */
export async function instanceNumbers(data: string): Promise<number[]> {
  const names = await readdir(join(data, 'db')).catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map(Number).toSorted((a, b) => a - b)
}
