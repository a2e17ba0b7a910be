import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findGo, goVersion } from '../../scripts/lib/go.mjs'
import { run } from '../services/command.ts'
import { withLock } from '../services/lock.ts'
import { ensurePackages } from '../services/packages.ts'
import { cacheFolder } from './folders.ts'
import { kubernetesNames, recipes, type Part, type Recipe } from './recipe.ts'

type Log = (line: string) => void

const source = dirname(fileURLToPath(import.meta.url))

/** Folder of each part's programs. */
export type Programs<P extends Part = Part> = Readonly<Record<P, string>>

/**
 * Builds the wanted parts from Go modules unless the cache has them, and says where they are.
 * Minutes when cold, milliseconds after. Two runs at once build once.
 */
export async function buildPrograms<P extends Part>(parts: readonly P[], log: Log = () => undefined): Promise<Programs<P>> {
  const go = await findGo({ log })
  const home = join(cacheFolder(), await fingerprint(go))
  const folders = Object.fromEntries(parts.map((part) => [part, join(home, part)])) as Record<P, string>
  const missing = await absent(parts, folders)
  if (missing.length > 0) {
    await withLock(join(cacheFolder(), 'build.lock'), log, async () => {
      const still = await absent(parts, folders)
      for (const [index, part] of still.entries()) {
        await build(go, part, folders[part], (line) => log(`test cluster, program ${index + 1} of ${still.length}: ${line}`))
      }
    })
    await forgetOld(home)
  }
  const now = new Date()
  await utimes(home, now, now)
  return folders
}

async function absent<P extends Part>(parts: readonly P[], folders: Programs<P>): Promise<P[]> {
  const there = await Promise.all(parts.map((part) => access(folders[part]).then(() => true, () => false)))
  return parts.filter((_, index) => !there[index])
}

async function build(go: string, part: Part, folder: string, log: Log): Promise<void> {
  const recipe: Recipe = recipes[part]
  if (recipe.needs) await ensurePackages(recipe.needs, log)
  await mkdir(dirname(folder), { recursive: true })
  const building = await mkdtemp(join(dirname(folder), `.${part}-`))
  const started = performance.now()
  const say = () => log(`building ${part} from Go modules (once), ${elapsed(started)}`)
  say()
  const progress = setInterval(say, 10_000)
  try {
    const output = recipe.output === undefined ? `${building}/` : join(building, recipe.output)
    const args = ['-n', '10', go, 'build', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', `-s -w ${recipe.ldflags ?? ''}`]
    if (recipe.tags !== undefined) args.push('-tags', recipe.tags)
    const env = { ...process.env, CGO_ENABLED: recipe.cgo ? '1' : '0', GOFLAGS: '', GOWORK: 'off' }
    const { code, stderr } = await run('nice', [...args, '-o', output, ...recipe.packages], { cwd: source, env })
    if (code !== 0) throw new Error(`building ${part} failed:\n${stderr.trim().split('\n').slice(-20).join('\n')}`)
    if (part === 'kubernetes') await Promise.all(kubernetesNames.map((name) => symlink('kube', join(building, name))))
    await rename(building, folder)
    log(`built ${part} in ${elapsed(started)}`)
  } finally {
    clearInterval(progress)
    await rm(building, { recursive: true, force: true })
  }
}

/** What the programs are made of: module versions, our sources, the recipe and the Go version. */
async function fingerprint(go: string): Promise<string> {
  const hash = createHash('sha256').update(`${await goVersion(go)} ${process.arch} ${JSON.stringify(recipes)}`)
  const programs = (await readdir(join(source, 'programs'), { recursive: true })).filter((name) => name.endsWith('.go'))
  for (const file of ['go.mod', 'go.sum', ...programs.sort().map((name) => join('programs', name))]) {
    hash.update(`\0${file}\0`).update(await readFile(join(source, file)))
  }
  return hash.digest('hex').slice(0, 12)
}

/** Removes what was built for older sources and not used for two weeks. */
async function forgetOld(current: string): Promise<void> {
  const twoWeeks = 14 * 24 * 3600 * 1000
  for (const entry of await readdir(dirname(current), { withFileTypes: true })) {
    const folder = join(dirname(current), entry.name)
    if (!entry.isDirectory() || folder === current) continue
    if (Date.now() - (await stat(folder)).mtimeMs > twoWeeks) await rm(folder, { recursive: true, force: true })
  }
}

function elapsed(since: number): string {
  const seconds = Math.round((performance.now() - since) / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
