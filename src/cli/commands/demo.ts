import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { packageRoot } from '../../app/folders.ts'
import { openApp } from '../../app/open-app.ts'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { startRegistry } from '../../images/server/start-registry.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { appOptions } from '../app-options.ts'
import { keptByRun } from '../keep-options.ts'
import { colorsFor } from '../colors.ts'
import { pushDemoImages } from '../demo/demo-images.ts'
import { containersLine, imagesOf } from '../demo/summary.ts'
import { trustLoopback } from '../demo/trust-loopback.ts'
import { CommandError } from '../exit.ts'
import { follow } from '../run/follow.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { loadPipeline } from '../run/load-pipeline.ts'
import { startRun } from '../run/start-run.ts'
import { runSummary } from '../run/summary.ts'
import { StatusLine } from '../run/status-line.ts'
import { pushSupervisor } from '../push/supervisor-image.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { text } from '../settings/types.ts'
import { terminal } from '../terminal.ts'

const ownFlags = {
  registry: { type: text('HOST/PATH'), summary: "push the demo's images there instead of serving them from here" },
} as const satisfies Readonly<Record<string, Flag>>

type DemoFlags = Values<typeof ownFlags> & SettingsOf<'demo'>

export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .summary('run a small pipeline and print what it did')
    .description('Runs the pipeline in demo/ with a registry of its own, and sums up what happened. Leaves nothing behind.')
  addFlags(command, Object.entries<Flag>(ownFlags))
  addSettings(command, 'demo').action(async () => {
    process.exitCode = await demo({ ...flagsOf(ownFlags, command), ...settingsOf('demo', command, terminal.say) })
  })
}

async function demo(flags: DemoFlags): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'airside-demo-'))
  const leavings: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const colors = colorsFor(process.stdout)
  const status = new StatusLine(systemClock, process.stderr, terminal.draw)
  const say = (line: string) => {
    status.clear()
    terminal.say(colors.dim(line))
  }
  try {
    const registry = await demoRegistry(flags, folder, leavings, say)
    const vars = { vars: [`registry=${registry}`] }
    const { config, job } = await loadPipeline(
      { file: join(packageRoot, 'demo', 'pipeline.yml'), vars, revealed: ['registry'], baseTypes: ['registry-image'], colors, warn: say },
      'correspond',
    )
    const supervisorImage = flags.runtime === 'kubernetes' ? (flags.supervisorImage ?? (await pushSupervisor(`${registry}/airside-supervisor`, say))) : undefined
    const options = { ...appOptions({ ...flags, data: join(folder, 'data'), ...(supervisorImage && { supervisorImage }) }, silentLog, say), ...keptByRun(flags) }
    const opened = await openApp(options)
    if (!opened.ok) throw new CommandError(opened.error.message)
    const app = opened.value
    if (flags.runtime === 'docker') say(`docker: ${app.runtime.description}`)
    let build: number | undefined
    const leave = onInterrupt(app, () => build, say, (code) => process.exit(code))
    try {
      status.start()
      const shown = { colors, status, signal: new AbortController().signal, write: terminal.log }
      const run = {
        config, job, pipeline: 'demo', stored: { vars, revealed: ['registry'] },
        localFolders: new Map<string, string>(), inputVersions: new Map(), skipPuts: 'none' as const,
      }
      const onBuild = (id: number): void => {
        build = id
      }
      const created = await startRun(app, run, { say, shown, onBuild })
      const claimed = await app.engine.claim(created.buildId)
      const exit = await follow({ ...shown, app, build: created })
      await claimed?.end
      status.stop()
      const records = await app.stores.builds.steps(created.buildId)
      terminal.line(`\n${[containersLine(created.plan, app.services.runtime.creations), ...runSummary(created.plan, records)].join('\n')}`)
      return exit
    } finally {
      leave()
      status.stop()
      // Only what it served itself: images of a registry of the user's may be in use.
      if (flags.registry === undefined) {
        await app.engine.stop()
        await app.runtime.removeImages(await imagesOf(app.stores.builds))
      }
      await app.close()
    }
  } finally {
    for (const end of leavings.toReversed()) await end()
  }
}

/** Serves the demo's images from this process, or pushes them where the user says. */
async function demoRegistry(flags: DemoFlags, folder: string, leavings: (() => Promise<unknown>)[], say: (line: string) => void): Promise<string> {
  const client = new RegistryClient({ clock: systemClock })
  leavings.push(() => client.close())
  if (flags.registry !== undefined) {
    const [host = '', ...path] = flags.registry.split('/')
    say(`pushing the demo's images to ${flags.registry}`)
    await pushDemoImages(client, host, path.map((part) => `${part}/`).join(''))
    return flags.registry
  }
  if (flags.runtime === 'kubernetes') {
    throw new CommandError(
      "the nodes of a cluster cannot pull from this process: name a registry that they reach and that you may push to (docker login's credentials are used):\n" +
        `  npm run demo -- --runtime kubernetes${flags.context === undefined ? '' : ` --context ${flags.context}`} --registry HOST/PATH`,
    )
  }
  const registry = await startRegistry({ dir: join(folder, 'registry') })
  leavings.push(() => registry.stop())
  say(`serving the demo's images on ${registry.host}`)
  await pushDemoImages(client, registry.host, '')
  await trustLoopback(folder)
  return registry.host
}
