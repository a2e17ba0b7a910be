import type { Command } from 'commander'
import { openGateways } from '../../app/intercept/open-gateways.ts'
import type { InterceptGateway, Target } from '../../intercept/gateway.ts'
import { listRuns } from '../run/run-registry.ts'
import { CommandError } from '../exit.ts'
import { describeTarget, inOrder, matches, parseBuild, type Wanted } from '../intercept/select.ts'
import { chooseContainer } from '../intercept/choose.ts'
import { ownTerminal } from '../intercept/own-terminal.ts'
import { failedStatus, runSession } from '../intercept/session.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import type { SettingsOf } from '../settings/table.ts'
import { text } from '../settings/types.ts'
import { terminal } from '../terminal.ts'

const ownFlags = {
  job: { short: 'j', type: text('[PIPELINE/]JOB'), summary: 'of this job' },
  step: { short: 's', type: text('NAME'), summary: 'of this step' },
  'step-type': { type: text('TYPE'), summary: 'of a step of this type: task, get, put or check' },
  attempt: { short: 'a', type: text('N'), summary: 'of this attempt' },
  handle: { type: text('NAME'), summary: 'the container of this name' },
} as const satisfies Readonly<Record<string, Flag>>

type InterceptFlags = Values<typeof ownFlags> & SettingsOf<'intercept'>

export function addInterceptCommand(program: Command): void {
  const command = program
    .command('intercept')
    .summary("enter a step's container, of builds of this machine")
    .description(
      'Runs a command in the container of a step that runs, or that was kept (airside run --keep): a shell, when none is given. It has the ' +
        "step's environment, folder and user. When several containers match, it asks which. The exit status is the command's, or 128 and the " +
        `number of the signal that ended it; ${failedStatus} when it could not be run.`,
    )
    .argument('[BUILD]', 'a build, as airside run --list shows it (default: any)')
    .argument('[COMMAND...]', 'after --: what to run there (default: bash, or sh)')
    .addHelpText('after', '\nExamples:\n  airside intercept\n  airside intercept 7 --step unit\n  airside intercept --job ci/unit -- env')
    .action(async (build: string | undefined, rest: readonly string[]) => {
      const flags = { ...flagsOf(ownFlags, command), ...settingsOf('intercept', command, terminal.say) }
      const words = [...(build === undefined ? [] : [build]), ...rest]
      process.exitCode = await intercept(words, afterDashes(process.argv), flags)
    })
  addFlags(command, Object.entries<Flag>(ownFlags))
  addSettings(command, 'intercept')
}

/** How many of the words stood behind `--`; the parser does not say. */
function afterDashes(argv: readonly string[]): number {
  const at = argv.indexOf('--')
  return at < 0 ? 0 : argv.length - at - 1
}

async function intercept(words: readonly string[], commandWords: number, flags: InterceptFlags): Promise<number> {
  const before = words.slice(0, words.length - commandWords)
  const command = words.slice(words.length - commandWords)
  if (before.length > 1) throw new CommandError('write the command behind --, e.g. airside intercept 7 --step unit -- ls -l', failedStatus)
  const wanted = wantedOf(before[0], flags)
  const gateways = await openGateways(flags.data, flags.encryptionKey, terminal.say)
  try {
    const { gateway, target } = await choose(gateways, wanted, flags.data)
    if (process.stdout.isTTY) terminal.say(describeTarget(target))
    return await runSession(gateway, target.handle, command, ownTerminal)
  } finally {
    for (const gateway of gateways) await gateway.close()
  }
}

function wantedOf(buildText: string | undefined, { job, step, stepType, attempt, handle }: InterceptFlags): Wanted {
  const build = buildText === undefined ? undefined : parseBuild(buildText)
  if (buildText !== undefined && build === undefined) throw new CommandError(`"${buildText}" is no build; a command stands behind --`, failedStatus)
  return {
    ...(build && { build }),
    ...(job !== undefined && { job }),
    ...(step !== undefined && { step }),
    ...(stepType !== undefined && { stepType }),
    ...(attempt !== undefined && { attempt }),
    ...(handle !== undefined && { handle }),
  }
}

interface Choice {
  readonly gateway: InterceptGateway
  readonly target: Target
}

async function choose(gateways: readonly InterceptGateway[], wanted: Wanted, data: string): Promise<Choice> {
  const all: Choice[] = []
  const problems: string[] = []
  for (const gateway of gateways) {
    const found = await gateway.find()
    problems.push(...found.problems)
    for (const target of found.targets) all.push({ gateway, target })
  }
  // Engines and clusters list in an order of their own.
  all.sort((a, b) => inOrder(a.target, b.target))
  const fitting = all.filter(({ target }) => matches(target, wanted))
  const there = fitting.filter(({ target }) => target.state !== 'ended')
  const [only] = there
  // What is not seen may have been meant.
  if (only !== undefined) for (const problem of problems) terminal.say(problem)
  if (only !== undefined && there.length === 1) return only
  if (only === undefined) throw new CommandError(await nothing(all, fitting, problems, data), failedStatus)
  return chooseContainer(there, ({ target }) => describeTarget(target))
}

async function nothing(all: readonly Choice[], fitting: readonly Choice[], problems: readonly string[], data: string): Promise<string> {
  const interrupted = (await listRuns(data)).filter(({ alive }) => !alive)
  const there = all.filter(({ target }) => target.state !== 'ended')
  return [
    ...fitting.map(({ target }) => `its time is over: ${describeTarget(target)}`),
    ...(fitting.length > 0 || there.length === 0 ? [] : ['no such container']),
    ...(there.length === 0 ? ['there is none to enter: steps that run have one, and steps that failed under airside run --keep'] : ['these can be entered:']),
    ...there.map(({ target }) => `  ${describeTarget(target)}`),
    ...problems,
    ...interrupted.map(({ build }) => `build ${build} was interrupted: airside run --resume goes on with it, then its steps can be entered`),
  ].join('\n')
}
