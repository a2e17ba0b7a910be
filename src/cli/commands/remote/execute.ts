import type { Command } from 'commander'
import { unpackFolder } from '../../../client/unpack-folder.ts'
import { decodeText } from '../../../config/decode-text.ts'
import { formatFinding } from '../../../config/format-finding.ts'
import { parseTask } from '../../../config/parse-task.ts'
import { loadVars } from '../../../config/vars/var-options.ts'
import { messageOf } from '../../../lib/errors.ts'
import type { TaskConfig } from '../../../model/config.ts'
import { ok } from '../../../model/result.ts'
import { encodePlan } from '../../../planner/plan-json.ts'
import { colorsFor } from '../../colors.ts'
import { CommandError, exitStatus } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { foldersOf, imageOf, jobInputs, planInputs, upload } from '../../remote/execute/inputs.ts'
import { executionPlan, type TaskInput } from '../../remote/execute/plan.ts'
import { jobRef, teamFlag } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { watch } from '../../remote/watch.ts'
import { parseInput } from '../../run/input-flags.ts'
import { readSource } from '../../run/read-source.ts'
import type { Flag, Values } from '../../settings/setting.ts'
import { list, onOff, text } from '../../settings/types.ts'
import { varFlags } from '../../settings/var-flags.ts'
import { secrets, terminal } from '../../terminal.ts'

const executeFlags = {
  config: { group: 'Job and inputs', short: 'c', type: text('FILE'), summary: "the task's YAML; - is the standard input" },
  input: { group: 'Job and inputs', short: 'i', type: list('NAME=DIR', parseInput), summary: 'upload a folder as an input' },
  output: { group: 'Job and inputs', short: 'o', type: list('NAME=DIR', parseInput), summary: 'write an output into a folder, also of a task that failed' },
  'inputs-from': { group: 'Job and inputs', short: 'j', type: jobRef, summary: 'the other inputs, as the next build of this job would get them' },
  'input-mapping': { group: 'Job and inputs', short: 'm', type: list('NAME=INPUT', parseInput), summary: "take an input of the job for another of the task's" },
  image: { group: 'Job and inputs', type: text('INPUT'), summary: "an input of the job as the task's image" },
  'include-ignored': { group: 'Job and inputs', type: onOff, summary: 'upload what git ignores too' },
  ...varFlags('Job and inputs'),
  privileged: { group: 'Runtime', short: 'p', type: onOff, summary: 'run the task with full privileges' },
  tag: { group: 'Runtime', type: list('TAG', ok<string>), summary: 'a tag of workers that may run it' },
  background: { group: 'Runtime', short: 'b', type: onOff, summary: 'start the build, and neither watch it nor fetch outputs' },
  team: teamFlag,
} as const satisfies Readonly<Record<string, Flag>>

type ExecuteFlags = Values<typeof executeFlags>

export function addExecuteCommand(program: Command): void {
  addRemoteCommand(program, {
    names: ['execute', 'e'],
    summary: 'run a task on a server, with folders of this machine as its inputs',
    description:
      "Runs one task file as a build of no job. Folders are uploaded as its inputs (in a git repository without what git ignores), its log is printed, and its outputs are written into folders. " +
      "A param of the task that is a variable of this environment has that value. Without -j the folder you are in is the input of its name. Ctrl-C aborts the build. The exit status is fly's: the task's own, else 2 errored, 3 aborted.",
    examples: [
      'airside execute -c ci/unit.yml -i repo=.',
      'airside execute -c ci/build.yml -i repo=. -o binaries=./out',
      'airside execute -c ci/unit.yml -j demo/unit -i repo=.   # the other inputs as the job gets them',
    ],
    flags: executeFlags,
    words: ['ARG', "behind --: more arguments of the task's program"],
    run: execute,
  })
}

async function execute(session: Session, flags: ExecuteFlags, words: readonly string[]): Promise<number> {
  const { inputsFrom: from, image, output, background, team = session.target.team } = flags
  if (image !== undefined && from === undefined) throw new CommandError('--image is an input of a job: name it with -j PIPELINE/JOB')
  if (background && output.length > 0) throw new CommandError('--background and --output exclude each other: outputs are fetched when the task has ended')
  const task = withArguments(await readTask(flags), words)
  const unknown = output.find(([name]) => !(task.outputs ?? []).some((one) => one.name === name))
  if (unknown !== undefined) throw new CommandError(`the task has no output ${unknown[0]}; it has ${(task.outputs ?? []).map(({ name }) => name).join(', ') || 'none'}`)

  const folders = foldersOf(task, flags.input, from === undefined ? process.cwd() : undefined)
  const job = from === undefined ? undefined : await jobInputs(session, from, team)
  const mapping = Object.fromEntries(flags.inputMapping)
  const inputs: TaskInput[] = []
  for (const found of planInputs(task, { folders, job, mapping })) {
    inputs.push(typeof found === 'string' ? await upload(session, { name: found, folder: folders.get(found) ?? '', all: flags.includeIgnored, team, platform: task.platform ?? 'linux', tags: flags.tag }) : found)
  }
  const plan = executionPlan({ task, inputs, outputs: output.map(([name]) => name), mapping, types: job?.types ?? [], tags: flags.tag, privileged: flags.privileged, ...(job && image !== undefined && { image: imageOf(job, image) }) })
  const build = orFail(await session.api.createBuild(from === undefined ? { team } : session.pipeline(from, team), encodePlan(plan)), session, `there is no team ${team}`)
  terminal.line(`executing build ${build.id} at ${session.target.api}/builds/${build.id}`)
  if (background) return exitStatus.succeeded
  const status = await watch(session, build.id, `-b ${build.id}`, () => void abort(session, build.id))
  await fetchOutputs(session, { build: build.id, team, output })
  return status
}

async function readTask({ config: file, var: vars, yamlVar: yamlVars, loadVarsFrom }: ExecuteFlags): Promise<TaskConfig> {
  if (file === undefined) throw new CommandError('which task? -c FILE')
  const source = await readSource(file)
  const files = await Promise.all(loadVarsFrom.map(async (name) => ({ file: name, text: await readSource(name) })))
  const loaded = loadVars({ vars, yamlVars, files })
  if (loaded.findings.length > 0) throw new CommandError(loaded.findings.map((finding) => `${finding.file}: ${finding.message}`).join('\n'))
  const parsed = parseTask(source, { file, vars: loaded.lookup })
  secrets.keep(parsed.secrets)
  const shown = parsed.findings.map((finding) => formatFinding(finding, { color: colorsFor(process.stderr).enabled, source: decodeText(source).text }))
  if (parsed.config === undefined) throw new CommandError(`${shown.join('\n')}\n${file}: nothing was run`, exitStatus.failed)
  for (const line of shown) terminal.say(line)
  return parsed.config
}

/** With arguments of the command line, and params that are variables of this environment. */
function withArguments(task: TaskConfig, words: readonly string[]): TaskConfig {
  const { run, params } = task
  return {
    ...task,
    ...(words.length > 0 && { run: { ...run, args: [...(run?.args ?? []), ...words] } }),
    ...(params && { params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, process.env[name] ?? value])) }),
  }
}

async function abort(session: Session, build: number): Promise<void> {
  terminal.say('\naborting...')
  const aborted = await session.api.abort(build)
  if (!aborted.ok) terminal.say(`the build was not aborted: airside abort-build -t ${session.name} -b ${build}`)
}

async function fetchOutputs(session: Session, { build, team, output }: { readonly build: number; readonly team: string; readonly output: ExecuteFlags['output'] }): Promise<void> {
  if (output.length === 0) return
  const artifacts = orFail(await session.api.artifactsOf(build), session, `there is no build ${build}`)
  for (const [name, folder] of output) {
    const artifact = artifacts.findLast((one) => one.name === name)
    if (artifact === undefined) {
      terminal.say(`the build has no output ${name}`)
      continue
    }
    const content = orFail(await session.api.download(team, artifact.id), session, `output ${name} is gone`)
    try {
      await unpackFolder(content, folder)
    } catch (error) {
      throw new CommandError(`output ${name} could not be written to ${folder}: ${messageOf(error)}`, exitStatus.errored)
    }
    terminal.say(`downloaded ${name} to ${folder}`)
  }
}
