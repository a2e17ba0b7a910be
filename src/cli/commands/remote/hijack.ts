import type { Command } from 'commander'
import type { ListedContainer } from '../../../client/api-client.ts'
import { hijack } from '../../../client/hijack.ts'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { fail } from '../../../model/result.ts'
import { CommandError } from '../../exit.ts'
import { chooseContainer } from '../../intercept/choose.ts'
import { ownTerminal } from '../../intercept/own-terminal.ts'
import { failedStatus, runSession } from '../../intercept/session.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { jobRef, resourceRef, teamFlag, type WrittenPipeline } from '../../remote/refs.ts'
import { clientWords, orFail, type Session } from '../../remote/session.ts'
import type { Flag, Values } from '../../settings/setting.ts'
import { choice, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const hijackFlags = {
  job: { short: 'j', type: jobRef, summary: 'of this job' },
  build: { short: 'b', type: text('BUILD'), summary: "of this build: its name with --job, else its id" },
  step: { short: 's', type: text('NAME'), summary: 'of this step' },
  'step-type': { type: choice('TYPE', ['task', 'get', 'put', 'check']), summary: 'of a step of this type: task, get, put or check' },
  attempt: { short: 'a', type: text('N'), summary: 'of this attempt' },
  check: { short: 'c', type: resourceRef, summary: 'of a check of this resource' },
  handle: { type: text('NAME'), summary: 'the container of this name, as airside containers lists it' },
  team: teamFlag,
} as const satisfies Readonly<Record<string, Flag>>

type HijackFlags = Values<typeof hijackFlags>

export function addHijackCommand(program: Command): void {
  addRemoteCommand(program, {
    names: ['hijack', 'i'],
    summary: "enter a step's container on a server",
    description:
      'Runs a command in the container of a step that runs, or that a server keeps of a build that did not succeed: a shell, when none is given. It has the ' +
      `step's environment, folder and user. When several containers match, it asks which. The exit status is the command's; ${failedStatus} when it could not be run. ` +
      '`airside -t NAME intercept` is the same.',
    examples: ['airside hijack -j demo/unit', 'airside hijack -j demo/unit -b 7 -s greet', 'airside hijack -b 1234 -s one-off -- env'],
    flags: hijackFlags,
    words: ['COMMAND', 'behind --: what to run there (default: bash, or sh)'],
    async run(session, flags, command) {
      const { team = session.target.team } = flags
      const container = await choose(session, flags, team)
      if (process.stdout.isTTY) terminal.say(describe(container))
      return runSession(
        {
          async enter(handle, { path, args, env, tty, ...own }, options) {
            const { dir = container.working_directory, user = container.user } = own
            const entered = await hijack(session.api.connection, { team, handle }, { path, args, env, ...(dir !== undefined && { dir }), ...(user !== undefined && { user }), ...(tty && { tty }) }, options)
            return entered.ok ? entered : fail(clientWords(entered.error, session, 'the container is gone'))
          },
        },
        container.id,
        command,
        ownTerminal,
      )
    },
  })
}

async function choose(session: Session, flags: HijackFlags, team: string): Promise<ListedContainer> {
  const listed = orFail(await session.api.containers(team, queryOf(flags)), session, `there is no team ${team}`)
  // One that waits for its resource's next check has no build, and is not among those of steps.
  const ofChecks = flags.check !== undefined || flags.stepType === 'check' || flags.handle !== undefined
  const there = listed.filter(({ id, state, build_id: build }) => (state === 'created' || state === 'failed') && (flags.handle === undefined || flags.handle === id) && (ofChecks || build !== undefined)).toSorted(inOrder)
  const [only, another] = there
  if (only === undefined) throw new CommandError('no container matches; steps that run have one, and for a while those of the latest build that did not succeed (airside containers lists them)', failedStatus)
  return another === undefined ? only : chooseContainer(there, describe)
}

function queryOf({ job, build, step, stepType, attempt, check }: HijackFlags): URLSearchParams {
  if (job !== undefined && check !== undefined) throw new CommandError('--job and --check exclude each other')
  const pipeline: WrittenPipeline | undefined = job ?? check
  const wanted = {
    pipeline_name: pipeline?.name,
    vars: pipeline?.instanceVars && JSON.stringify(pipeline.instanceVars),
    job_name: job?.job,
    [job === undefined ? 'build_id' : 'build_name']: build,
    step_name: step,
    type: check === undefined ? stepType : 'check',
    attempt,
    resource_name: check?.resource,
  }
  return new URLSearchParams(Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

const inOrder = (a: ListedContainer, b: ListedContainer): number => (a.build_id ?? 0) - (b.build_id ?? 0) || (a.step_name ?? '').localeCompare(b.step_name ?? '', 'en') || (a.attempt ?? '').localeCompare(b.attempt ?? '', 'en') || a.id.localeCompare(b.id, 'en')

/** One line: `build 7 of demo/unit, step greet (task, attempt 2)   HANDLE`. */
function describe({ id, type, build_id: build, build_name: name, pipeline_name: pipeline, pipeline_instance_vars: vars, job_name: job, step_name: step, resource_name: resource, attempt }: ListedContainer): string {
  const whose = pipeline === undefined ? '' : ` of ${[pipelineText({ name: pipeline, ...(vars && { instanceVars: vars as never }) }), job].filter((part) => part !== undefined).join('/')}`
  const kind = attempt === undefined || attempt === '' ? type : `${type}, attempt ${attempt}`
  const what = build === undefined ? 'checks' : `build ${job === undefined ? build : name}`
  return `${what}${whose}, ${step === undefined ? `resource ${resource ?? ''}` : `step ${step}`} (${kind})   ${id}`
}
