import type { Command } from 'commander'
import { defaultBaseTypes } from '../../app/options.ts'
import { decodeText } from '../../config/decode-text.ts'
import type { Finding } from '../../config/finding.ts'
import { formatFinding } from '../../config/format-finding.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { isTaskFile, parseTask } from '../../config/parse-task.ts'
import type { Lookup } from '../../config/vars/lookup.ts'
import { loadVars } from '../../config/vars/var-options.ts'
import { writeYaml } from '../../config/yaml/write-yaml.ts'
import type { Json } from '../../model/json.ts'
import { colorsFor } from '../colors.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { readSource } from '../run/read-source.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { onOff, text } from '../settings/types.ts'
import { varFlags } from '../settings/var-flags.ts'
import { terminal } from '../terminal.ts'

const ownFlags = {
  config: { short: 'c', type: text('FILE'), summary: 'the same' },
  strict: { short: 's', type: onOff, summary: 'warnings count as errors' },
  output: { short: 'o', type: onOff, summary: 'print the file with its vars filled in, and findings to stderr' },
  ...varFlags(),
} as const satisfies Readonly<Record<string, Flag>>

type ValidateFlags = Values<typeof ownFlags>

/** Flags and the second name are those of `fly validate-pipeline`. */
export function addValidateCommand(program: Command): void {
  const command = program
    .command('validate')
    .aliases(['validate-pipeline', 'vp'])
    .summary('say everything that is wrong with a pipeline or a task file')
    .description('Prints all findings, each with file, line and column. Exit status 1 when one is an error (with --strict: or a warning).')
    .argument('[FILE]', 'a pipeline or a task file, in YAML; - is the standard input')
    .addHelpText('after', '\nExample:\n  airside validate ci/pipeline.yml')
    .action(async (argument: string | undefined) => {
      const flags = flagsOf(ownFlags, command)
      const file = argument ?? flags.config
      if (file === undefined) throw new CommandError('which file? airside validate FILE, or -c FILE')
      if (argument !== undefined && flags.config !== undefined) throw new CommandError('name one file, either as FILE or with -c')
      process.exitCode = await validate(file, flags)
    })
  addFlags(command, Object.entries<Flag>(ownFlags))
}

async function validate(file: string, flags: ValidateFlags): Promise<number> {
  const source = await readSource(file)
  const files = await Promise.all(flags.loadVarsFrom.map(async (name) => ({ file: name, text: await readSource(name) })))
  const vars = loadVars({ vars: flags.var, yamlVars: flags.yamlVar, files })
  if (vars.findings.length > 0) throw new CommandError(vars.findings.map((finding) => `${finding.file}: ${finding.message}`).join('\n'))
  const say = flags.output ? terminal.say : terminal.line
  for (const warning of vars.warnings) say(formatFinding(warning))
  const { findings, filledIn, what } = check(source, file, vars.lookup)
  const { text } = decodeText(source)
  const colors = colorsFor(flags.output ? process.stderr : process.stdout)
  for (const finding of findings) say(formatFinding(finding, { color: colors.enabled, source: text }))
  const errors = [...vars.warnings, ...findings].filter((finding) => finding.severity === 'error' || flags.strict).length
  if (errors > 0) {
    say(`${file}: ${colors.red(errors === 1 ? '1 error' : `${errors} errors`)}`)
    return exitStatus.failed
  }
  if (flags.output && filledIn !== undefined) terminal.line(writeYaml(filledIn()).trimEnd())
  else say(`${file}: ${colors.green('looks good')}${what === 'task' ? ' (a task file)' : ''}`)
  return exitStatus.succeeded
}

interface Checked {
  readonly what: 'pipeline' | 'task'
  readonly findings: readonly Finding[]
  readonly filledIn?: (() => Json) | undefined
}

function check(source: Uint8Array, file: string, vars: Lookup): Checked {
  const pipeline = parsePipeline(source, { file, vars, baseTypes: defaultBaseTypes.keys() })
  // A task file is never a right pipeline: it has no jobs.
  if (pipeline.config !== undefined || pipeline.filledIn === undefined || !isTaskFile(pipeline.filledIn())) return { what: 'pipeline', ...pipeline }
  return { what: 'task', ...parseTask(source, { file, vars }), filledIn: pipeline.filledIn }
}
