import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findGo, goVersion } from '../../scripts/lib/go.mjs'
import { cacheFolder } from '../cluster/folders.ts'
import { must } from './command.ts'
import { makeImage, type Entry, type Image } from './oci-image.ts'

const source = join(import.meta.dirname, 'programs', 'registry-image', 'main.go')

/** How it names itself to registries. */
export const registryImageUserAgent = 'test-registry-image'

/** A resource type that fetches and pushes images over plain HTTP: programs/registry-image. `more`: a layer on top. */
export async function registryImageResource(more: readonly Entry[] = []): Promise<Image> {
  const program = await readFile(await built())
  const scripts = ['check', 'in', 'out'].map((name) => ({ path: `opt/resource/${name}`, link: 'registry-image' }))
  return makeImage([
    [
      { path: 'tmp/', folder: true, mode: 0o1777 },
      { path: 'opt/', folder: true },
      { path: 'opt/resource/', folder: true },
      { path: 'opt/resource/registry-image', content: program, mode: 0o755 },
      ...scripts,
    ],
    ...(more.length > 0 ? [more] : []),
  ])
}

/** One file of the standard library alone: seconds, once for each version of it. */
async function built(): Promise<string> {
  const go = await findGo({})
  const key = createHash('sha256').update(await readFile(source)).update(`${await goVersion(go)} ${process.arch}`).digest('hex').slice(0, 12)
  const folder = join(dirname(cacheFolder()), 'test-programs')
  const file = join(folder, `registry-image-${key}`)
  if (await access(file).then(() => true, () => false)) return file
  await mkdir(folder, { recursive: true })
  const part = `${file}.${process.pid}`
  await must(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', part, source], { env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' } })
  await rename(part, file)
  return file
}
