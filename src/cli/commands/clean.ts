import { opendir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { imagesFolder } from '../../app/artifact-images.ts'
import { cacheFolder, dataFolder } from '../../app/folders.ts'
import { instanceNumbers, tryOpen } from '../../app/instance.ts'
import { systemClock } from '../../lib/clock.ts'
import { openStores } from '../../app/stores.ts'
import { CommandError } from '../exit.ts'
import { publishedPlaces, unpublish } from '../run/published-images.ts'
import { listRuns } from '../run/run-registry.ts'

interface CleanFlags {
  readonly data: string
  readonly cache?: boolean
  readonly all?: boolean
  readonly force?: boolean
}

export function addCleanCommand(program: Command): void {
  program
    .command('clean')
    .summary('show what state and caches hold, and free it')
    .description(
      'Without flags it only tells: each folder, its size, and builds that could still be resumed. --cache frees what can be made again;\n' +
        '--all removes databases, artifacts and keys too, unless a build runs, or waits to be resumed and --force is not given.',
    )
    .option('--data <DIR>', 'where databases, artifacts and keys are kept', dataFolder())
    .option('--cache', 'remove caches')
    .option('--all', 'remove caches and all data')
    .option('--force', 'remove builds that wait to be resumed too')
    .action(async (flags: CleanFlags) => {
      await clean(flags)
    })
}

async function clean(flags: CleanFlags): Promise<void> {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  const cache = cacheFolder()
  const parts = [
    ['databases', join(flags.data, 'db')],
    ['artifacts', join(flags.data, 'artifacts')],
    ['images of artifacts', imagesFolder(flags.data).root],
    ['container state', join(flags.data, 'docker')],
    ['image digests (cache)', join(cache, 'digests')],
    ['database template (cache)', join(cache, 'database')],
    ['compiled code (cache)', join(cache, 'node')],
  ] as const
  for (const [name, folder] of parts) say(`${name.padEnd(28)} ${megabytes(await sizeOf(folder)).padStart(10)}  ${folder}`)

  for (const place of await publishedPlaces(flags.data)) say(`images of artifacts that steps ran in are in ${place}; --all deletes them there, where the registry allows it`)
  const running = (await listRuns(flags.data)).filter((run) => run.alive)
  for (const run of running) say(`build ${run.build} of ${run.pipeline}/${run.job} runs in process ${run.pid}`)
  const waiting = await resumable(flags.data)
  for (const build of waiting) say(`build ${build} was left unfinished: airside run --resume ${build} goes on with it`)
  if (!flags.cache && !flags.all) return say('nothing was removed; --cache frees caches, --all everything')

  if (flags.all) {
    if (running.length > 0) throw new CommandError('builds are running; nothing was removed')
    if (waiting.length > 0 && !flags.force) throw new CommandError('unfinished builds would be lost; nothing was removed (--force removes them)')
    for (const line of await unpublish(flags.data)) say(line)
    for (const name of ['db', 'artifacts', 'artifact-images', 'docker', 'runs', 'encryption-key']) await rm(join(flags.data, name), { recursive: true, force: true })
    say(`removed the data in ${flags.data}`)
  }
  for (const name of ['digests', 'database', 'node']) await rm(join(cache, name), { recursive: true, force: true })
  say(`removed the caches in ${cache}`)
}

/** Unfinished builds whose process is gone, as --resume takes them. */
async function resumable(data: string): Promise<string[]> {
  const found: string[] = []
  for (const number of await instanceNumbers(data)) {
    const db = await tryOpen(data, number, undefined)
    if (db === undefined) continue
    try {
      const { builds } = await openStores(db, data, process.env['AIRSIDE_ENCRYPTION_KEY'], systemClock)
      for (const build of await builds.list({ unfinished: true })) {
        if (build.name !== 'check') found.push(number === 0 ? String(build.id) : `${number}/${build.id}`)
      }
    } finally {
      await db.close()
    }
  }
  return found
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  const entries = await opendir(folder, { recursive: true }).catch(() => undefined)
  if (entries === undefined) return 0
  for await (const entry of entries) {
    if (entry.isFile()) bytes += await stat(join(entry.parentPath, entry.name)).then((info) => info.size, () => 0)
  }
  return bytes
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
