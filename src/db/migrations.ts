import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text: a migration that was released is never edited. */
  readonly checksum: string
}

const folder = new URL('./migrations/', import.meta.url)

/** The `NNNN-name.sql` files, in order. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (file, index) => {
      const parts = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file)
      if (parts === null || Number(parts[1]) !== index + 1) throw new Error(`migrations/${file}: expected NNNN-name.sql, number ${index + 1}`)
      const sql = await readFile(new URL(file, folder), 'utf8')
      return { number: index + 1, name: parts[2] as string, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
