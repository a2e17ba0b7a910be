import { createReadStream } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedRecord, boundedString } from '../../lib/bounded.ts'
import type { LayerEntry } from '../../images/oci/layer.ts'

/** Where the server stands in its image. */
export const programFolder = '/opt/airside'

const entry = z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional(), cpu: z.unknown().optional() })
const lock = z.object({ packages: boundedRecord(boundedString(1_000), entry, 100_000) })

/** The packages that the server needs when it runs, which change seldom. Those for one kind of processor are left out: they are Node itself, which the base has. */
export async function* packageFiles(root: string): AsyncGenerator<LayerEntry> {
  const { packages } = lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  for (const [path, { dev, devOptional, cpu }] of Object.entries(packages).toSorted(byName)) {
    if (path === '' || dev === true || devOptional === true || cpu !== undefined) continue
    // What a program does not read: types, and maps of sources.
    yield* filesBelow(root, path, (name) => !/\.(?:d\.[cm]?ts|map)$/.test(name))
  }
}

/** The program, its pages, and the supervisor for both architectures. */
export async function* programFiles(root: string): AsyncGenerator<LayerEntry> {
  for (const file of ['LICENSE', 'bin/airside', 'package.json']) yield await fileAt(root, file)
  yield* filesBelow(root, 'src', (name) => !name.endsWith('.test.ts'))
  yield* filesBelow(root, 'supervisor/bin')
  yield* filesBelow(root, 'web/dist')
}

/** Files below a folder, in the order of their names, so that the same tree makes the same layer. Packages inside of packages are left out. */
async function* filesBelow(root: string, folder: string, wanted: (name: string) => boolean = () => true): AsyncGenerator<LayerEntry> {
  for (const entry of (await readdir(join(root, folder), { withFileTypes: true })).toSorted((a, b) => byName([a.name], [b.name]))) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* filesBelow(root, path, wanted)
    } else if (entry.isFile() && wanted(entry.name)) yield await fileAt(root, path)
  }
}

async function fileAt(root: string, path: string): Promise<LayerEntry> {
  const file = join(root, path)
  const { size, mode } = await stat(file)
  const open = () => createReadStream(file)
  return { type: 'file', path: `${programFolder.slice(1)}/${path}`, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, content: { size, open } }
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number => (a < b ? -1 : a > b ? 1 : 0)
