import { opendir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { artifactGraceMs, collectUnused } from '../../retention/artifact-collection.ts'
import { artifactDatabases } from '../../app/artifact-databases.ts'
import { imagesFolder } from '../../images/artifact/folders.ts'
import { cacheFolder } from '../../app/folders.ts'
import { openGateways, type AdoptedGateway } from '../../app/intercept/open-gateways.ts'
import { systemClock } from '../../lib/clock.ts'
import { unfinishedBuilds } from '../../app/unfinished-builds.ts'
import { operatorTrust } from '../../images/reference/registry-trust.ts'
import { CommandError } from '../exit.ts'
import { cleanKept, type KeptContainers } from '../intercept/clean-kept.ts'
import { publishedPlaces, unpublish } from '../../app/published-images.ts'
import { listRuns } from '../run/run-registry.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { onOff } from '../settings/types.ts'
import { terminal } from '../terminal.ts'

const ownFlags = {
  kept: { type: onOff, summary: 'remove the containers that airside run --keep has left' },
  artifacts: { type: onOff, summary: 'remove artifacts and caches that no build needs any more' },
  cache: { type: onOff, summary: 'remove what can be made again' },
  all: { type: onOff, summary: 'remove caches and all data' },
  force: { type: onOff, summary: 'remove builds that wait to be resumed too' },
} as const satisfies Readonly<Record<string, Flag>>

type CleanFlags = Values<typeof ownFlags> & SettingsOf<'clean'>

export function addCleanCommand(program: Command): void {
  const command = program
    .command('clean')
    .summary('show what state and caches hold, and free it')
    .description(
      'Without flags it only tells: each folder, its size, builds that could still be resumed, and containers that were kept. --kept removes ' +
        'those; --artifacts removes what no cache and no unfinished build refers to, and caches of gets and tasks that no build has used for 30 days; --cache frees what can be made again; --all removes databases, artifacts and keys too, unless a build runs, or waits to be resumed and --force is not given; ' +
        'containers of such builds go too.',
    )
    .action(async () => {
      await clean({ ...flagsOf(ownFlags, command), ...settingsOf('clean', command, terminal.say) })
    })
  addFlags(command, Object.entries<Flag>(ownFlags))
  addSettings(command, 'clean')
}

async function clean(flags: CleanFlags): Promise<void> {
  const say = terminal.line
  const cache = cacheFolder()
  const parts = [
    ['databases', join(flags.data, 'db')],
    ['versions and caches', join(flags.data, 'shared')],
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
  const waiting = await unfinishedBuilds(flags.data, flags.encryptionKey)
  for (const build of waiting) say(`build ${build} was left unfinished: airside run --resume ${build} goes on with it`)
  if (flags.all && running.length > 0) throw new CommandError('builds are running; nothing was removed')
  if (flags.all && waiting.length > 0 && !flags.force) throw new CommandError('unfinished builds would be lost; nothing was removed (--force removes them)')
  const { count: kept, problems } = await keptContainers(flags, say)
  // Nothing else hangs on them, but nobody may take their containers for gone.
  if (problems.length > 0) process.exitCode = 1
  if (!flags.kept && !flags.artifacts && !flags.cache && !flags.all) {
    return say(`nothing was removed; ${kept > 0 ? '--kept removes containers, ' : ''}--artifacts what no build needs any more, --cache caches, --all everything`)
  }
  if (flags.artifacts && !flags.all) await removeArtifacts(flags, waiting.length > 0, say)
  if (!flags.cache && !flags.all) return

  if (flags.all) {
    for (const line of await unpublish(flags.data, operatorTrust(flags.registryTrust, []))) say(line)
    for (const name of ['db', 'shared', 'artifacts', 'artifact-images', 'docker', 'runs', 'sockets', 'encryption-key', 'unreferenced-artifacts.json', 'used-by-postgres']) await rm(join(flags.data, name), { recursive: true, force: true })
    say(`removed the data in ${flags.data}`)
  }
  for (const name of ['digests', 'database', 'node']) await removeCache(join(cache, name))
  say(`removed the caches in ${cache}`)
}

/** Renamed first: another process may write into it meanwhile, and a folder that is not empty cannot be removed. */
async function removeCache(folder: string): Promise<void> {
  const removed = `${folder}.removed-${process.pid}`
  const there = await rename(folder, removed).then(() => true, () => false)
  if (there) await rm(removed, { recursive: true, force: true, maxRetries: 3 })
}

/** At once where nothing runs or waits to go on: there is nobody who could be about to need one. */
async function removeArtifacts({ data, encryptionKey }: CleanFlags, unfinished: boolean, say: (line: string) => void): Promise<void> {
  const collected = await collectUnused({
    data,
    visit: artifactDatabases({ data, own: [], clock: systemClock, ...(encryptionKey !== undefined && { encryptionKey }) }),
    graceMs: unfinished ? artifactGraceMs : 0,
    outputsKeptMs: 0,
    clock: systemClock,
  })
  if (!collected.ok) throw new CommandError(`artifacts were not removed: ${collected.error}`)
  const { removed, freed } = collected.value
  say(`removed ${removed} ${removed === 1 ? 'artifact' : 'artifacts'} that nothing refers to (${megabytes(freed)})`)
  if (unfinished) say('builds wait to be resumed: only what has not been needed for two days was removed')
}

async function keptContainers({ data, encryptionKey, kept, all, force }: CleanFlags, say: (line: string) => void): Promise<KeptContainers> {
  const gateways = await openGateways(data, encryptionKey, say)
  try {
    const found = await cleanKept(gateways, kept || all, say)
    if (found.problems.length > 0 && all && !force) throw new CommandError('kept containers would be lost sight of; nothing else was removed (--force goes on)')
    if (all) for (const gateway of gateways) if ('removeAll' in gateway) await removeRest(gateway, force, say)
    if (kept && found.count === 0 && found.problems.length === 0) say('no containers were kept')
    return found
  } finally {
    for (const gateway of gateways) await gateway.close()
  }
}

/** What a database that goes leaves nowhere: containers of builds that were left unfinished, or whose removal failed. */
async function removeRest(gateway: AdoptedGateway, force: boolean, say: (line: string) => void): Promise<void> {
  const { removed, problems } = await gateway.removeAll()
  for (const handle of removed) say(`removed container ${handle} of a build that did not remove it`)
  for (const problem of problems) say(problem)
  if (problems.length > 0 && !force) throw new CommandError('containers would be lost sight of; databases were not removed (--force goes on)')
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
