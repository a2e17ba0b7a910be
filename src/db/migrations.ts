import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text: a migration that was released is never edited. */
  readonly checksum: string
}

/** `create or replace function …`: applied again whenever its text changes, so that its file always shows what runs. */
export interface SqlFunction {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The migrations and functions that make up the schema. */
export interface Schema {
  readonly migrations: readonly Migration[]
  readonly functions: readonly SqlFunction[]
}

export async function readSchema(): Promise<Schema> {
  const [migrations, functions] = await Promise.all([readMigrations(), readFunctions()])
  return { migrations, functions }
}

/** The `NNNN-name.sql` files, in order. */
async function readMigrations(): Promise<readonly Migration[]> {
  return (await readSql('migrations')).map(({ file, sql, checksum }, index) => {
    const parts = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file)
    if (parts === null || Number(parts[1]) !== index + 1) throw new Error(`migrations/${file}: expected NNNN-name.sql, number ${index + 1}`)
    return { number: index + 1, name: parts[2] as string, sql, checksum }
  })
}

/** The `name.sql` files. A function may call others: their bodies are looked up when it runs, so the order does not matter. */
async function readFunctions(): Promise<readonly SqlFunction[]> {
  return (await readSql('functions')).map(({ file, sql, checksum }) => ({ name: file.slice(0, -'.sql'.length), sql, checksum }))
}

async function readSql(name: string): Promise<readonly { readonly file: string; readonly sql: string; readonly checksum: string }[]> {
  const folder = new URL(`./${name}/`, import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8')
      return { file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}
