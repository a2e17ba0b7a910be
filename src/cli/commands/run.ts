import { basename } from 'node:path'
import type { Command } from 'commander'
import { createdBuild } from '../../builds/created-build.ts'
import type { CreatedBuild } from '../../builds/ports.ts'
import { buildPorts } from '../../app/build-ports.ts'
import { openApp, type App } from '../../app/open-app.ts'
import { decodeText } from '../../config/decode-text.ts'
import type { WaitReason } from '../../runtime/contract.ts'
import { atMost } from '../../lib/at-most.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { ok } from '../../model/result.ts'
import { appOptions, baseTypeNames } from '../app-options.ts'
import { keptByRun } from '../keep-options.ts'
import { colorsFor, type Colors } from '../colors.ts'
import { CommandError } from '../exit.ts'
import { endAbandonedChecks } from '../../builds/end-abandoned-checks.ts'
import { follow } from '../run/follow.ts'
import { parseInput, parseInputVersions } from '../run/input-flags.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { loadPipeline } from '../run/load-pipeline.ts'
import { readSource } from '../run/read-source.ts'
import { resume } from '../run/resume.ts'
import { listRuns, recordRun } from '../run/run-registry.ts'
import { startRun, type Shown, type StartRunOptions, type WantedRun } from '../run/start-run.ts'
import { StatusLine } from '../run/status-line.ts'
import { runSummary } from '../run/summary.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { list, onOff, optional, text } from '../settings/types.ts'
import { varFlags } from '../settings/var-flags.ts'
import { terminal } from '../terminal.ts'

const jobFlags = {
  job: { group: 'Job and inputs', short: 'j', type: text('NAME'), summary: 'which job, when there are several' },
  input: { group: 'Job and inputs', short: 'i', type: list('NAME=DIR', parseInput), summary: 'use a folder instead of fetching an input' },
  'input-version': { group: 'Job and inputs', type: list('NAME=KEY:VALUE', ok), summary: 'pin the version of an input' },
  ...varFlags('Job and inputs'),
  reveal: { group: 'Job and inputs', type: list('NAME', ok), summary: 'the value of this var is no secret, and may be shown' },
  'no-put': { group: 'Job and inputs', type: optional('NAME'), summary: 'leave out all puts, or the one of this name' },
  resume: { group: 'Job and inputs', type: optional('BUILD'), summary: 'go on with a build that was interrupted', otherwise: 'the latest' },
  list: { group: 'Job and inputs', type: onOff, summary: 'show the builds that run now, or wait to be resumed' },
} as const satisfies Readonly<Record<string, Flag>>

type RunFlags = Values<typeof jobFlags> & SettingsOf<'run'>

/** How long the end of a run waits for checks that a killed one left. */
const abandonedMs = 20_000

export function addRunCommand(program: Command): void {
  const command = program.command('run')
  addFlags(command, Object.entries<Flag>(jobFlags))
  addSettings(command, 'run')
  command
    .summary('run one job of a pipeline here, without a server')
    .description(
      'Runs one job of a pipeline: its inputs are checked, chosen and fetched, its log is printed as `fly watch` prints it.\n\n' +
        "The exit status is fly's: a task's own, else 1 failed, 2 errored, 3 aborted. Ctrl-C aborts the build, hooks included.",
    )
    .argument('[PIPELINE]', 'the pipeline, a YAML file')
    .addHelpText(
      'after',
      `
Examples:
  airside run ci/pipeline.yml --job unit
  airside run ci/pipeline.yml --job unit --input repo=. --var branch=main --reveal branch
  airside run ci/pipeline.yml --job ship --no-put
  airside run ci/pipeline.yml --job unit --runtime kubernetes --namespace ci --supervisor-image REF
  airside run --resume

A flag with ... may be given several times. From Runtime on, each is a setting: it can stand in AIRSIDE_NAME
or in the --config file too (airside settings NAME explains it).`,
    )
    .action(async (pipeline: string | undefined) => {
      process.exitCode = await run(pipeline, { ...flagsOf(jobFlags, command), ...settingsOf('run', command, terminal.say) })
    })
}

async function run(file: string | undefined, flags: RunFlags): Promise<number> {
  if (flags.list) return listBuilds(flags, terminal.line)
  const colors = colorsFor(process.stdout)
  const status = new StatusLine(systemClock, process.stderr, terminal.draw)
  const told = (line: string) => {
    status.clear()
    terminal.say(colors.dim(line))
  }
  const observer = {
    waiting: (_planId: string, stepName: string, reason: WaitReason) => status.now(stepName, reasonWords(reason)),
  }
  const options = { ...appOptions(flags, silentLog, told), ...keptByRun(flags), observer }

  if (flags.resume !== undefined) {
    const { app, buildId } = await resume(options, flags.resume)
    return finish({ app, flags, colors, status, say: told, build: () => resumed(app, buildId) })
  }
  if (file === undefined) throw new CommandError('which pipeline? airside run PIPELINE.yml --job NAME (airside run --help)')
  const prepared = await prepareRun(file, flags, colors, told)
  const opened = await openApp(options)
  if (!opened.ok) throw new CommandError(opened.error.message)
  const app = opened.value
  if (flags.runtime === 'docker') told(`docker: ${app.runtime.description}`)
  return finish({ app, flags, colors, status, say: told, build: (options) => startRun(app, prepared, options) })
}

interface Finish {
  readonly app: App
  readonly flags: RunFlags
  readonly colors: Colors
  readonly status: StatusLine
  readonly say: (line: string) => void
  /** Creates the build, or finds it. */
  readonly build: (options: StartRunOptions) => Promise<CreatedBuild>
}

/** Runs a build to its end and shows it; gives fly's exit status. */
async function finish({ app, flags, colors, status, say, build }: Finish): Promise<number> {
  let current: number | undefined
  const leave = onInterrupt(app, () => current, say, (code) => process.exit(code))
  status.start()
  try {
    const abandoned = await endAbandonedChecks(buildPorts(app))
    const signal = new AbortController().signal
    const shown: Shown = { colors, status, signal, write: terminal.log }
    const onBuild = (id: number): void => {
      current = id
    }
    const created = await build({ say, shown, onBuild })
    const { buildId } = created
    onBuild(buildId)
    const row = await app.stores.builds.get(buildId)
    const forget = await recordRun(flags.data, {
      instance: app.instance, build: buildId, pid: process.pid, pipeline: row?.pipeline ?? '', job: row?.job ?? '', startedAt: systemClock.now(),
    })
    const claimed = await app.engine.claim(buildId)
    if (claimed === undefined) throw new CommandError(`build ${buildId} is run by another process`)
    const exit = await follow({ ...shown, app, build: created })
    await claimed.end
    const summary = runSummary(created.plan, await app.stores.builds.steps(buildId))
    if (summary.length > 0) say(`\n${summary.join('\n')}`)
    // An abort takes its grace of ten seconds; a lost container would take for ever.
    await atMost(systemClock, abandonedMs, abandoned.ended)
    await forget()
    return exit
  } finally {
    status.stop()
    leave()
    await app.close()
  }
}

async function prepareRun(file: string, flags: RunFlags, colors: Colors, say: (line: string) => void): Promise<WantedRun> {
  const files = await Promise.all(flags.loadVarsFrom.map(async (name) => ({ file: name, text: await readSource(name) })))
  const vars = { vars: flags.var, yamlVars: flags.yamlVar, files }
  const { config, job, secrets } = await loadPipeline(
    { file, vars, revealed: flags.reveal, baseTypes: baseTypeNames(flags), colors, warn: say },
    flags.job,
  )
  const textFiles = files.map(({ file: name, text }) => ({ file: name, text: decodeText(text).text }))
  const stored: WantedRun['stored'] = { vars: { ...vars, files: textFiles }, revealed: flags.reveal, secrets }
  return {
    config,
    job,
    pipeline: basename(file).replace(/\.ya?ml$/, ''),
    stored,
    localFolders: new Map(flags.input),
    inputVersions: parseInputVersions(flags.inputVersion),
    skipPuts: flags.noPut === undefined ? 'none' : flags.noPut === true ? 'all' : new Set([flags.noPut]),
  }
}

async function resumed(app: App, buildId: number): Promise<CreatedBuild> {
  const created = await createdBuild(app.stores, buildId)
  if (created.ok) return created.value
  throw new CommandError(created.error.kind === 'no-plan' ? `build ${buildId} has no plan` : `what is stored of build ${buildId} cannot be read: ${created.error.message}`)
}

async function listBuilds(flags: RunFlags, write: (line: string) => void): Promise<number> {
  const runs = await listRuns(flags.data)
  if (runs.length === 0) write('no builds are running')
  for (const run of runs) {
    const id = run.instance === 0 ? String(run.build) : `${run.instance}/${run.build}`
    const since = Math.round((systemClock.now() - run.startedAt) / 1000)
    write(`${id}\t${run.pipeline}/${run.job}\t${run.alive ? `running since ${since} s, process ${run.pid}` : `interrupted: airside run --resume ${id}`}`)
  }
  return 0
}

function reasonWords(reason: WaitReason): string {
  if (reason.kind !== 'pulling' || reason.progress === undefined) return reason.message
  const mb = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
  return `${reason.message} (${mb(reason.progress.bytes)} of ${mb(reason.progress.total)} MB)`
}
