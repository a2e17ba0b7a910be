import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** The rows that titles of tests in these files name. `titled`: finds a title; its groups are the names before it, as `B8, P5`. */
export async function rowsIn(files: AsyncIterable<string> | readonly string[], titled: RegExp): Promise<Set<string>> {
  const found = new Set<string>()
  for await (const file of files) {
    for (const [, ...groups] of (await readFile(join(root, file), 'utf8')).matchAll(titled)) {
      for (const names of groups) for (const name of names?.split(', ') ?? []) found.add(name)
    }
  }
  return found
}
