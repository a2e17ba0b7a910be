import type { Command } from 'commander'
import { formatFinding } from '../../config/format-finding.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { defaultBaseTypes } from '../../app/options.ts'
import { loadVars } from '../../config/vars/var-options.ts'
import { colorsFor } from '../colors.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { readText } from '../run/load-pipeline.ts'
import { terminal } from '../terminal.ts'

interface ValidateFlags {
  readonly var: readonly string[]
  readonly yamlVar: readonly string[]
  readonly loadVarsFrom: readonly string[]
  readonly strict?: boolean
}

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value]

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .summary('check a pipeline and print everything that is wrong with it')
    .description('Prints all findings, each with file, line and column. Exit status 1 when one is an error (with --strict: or a warning).')
    .argument('<PIPELINE>', 'the pipeline, a YAML file')
    .option('-v, --var <NAME=VALUE>', 'a value for ((NAME)) (repeatable)', collect, [])
    .option('-y, --yaml-var <NAME=YAML>', 'a value for ((NAME)), as YAML (repeatable)', collect, [])
    .option('-l, --load-vars-from <FILE>', 'a YAML file of values (repeatable)', collect, [])
    .option('--strict', 'warnings count as errors')
    .addHelpText('after', '\nExample:\n  airside validate ci/pipeline.yml')
    .action(async (file: string, flags: ValidateFlags) => {
      process.exitCode = await validate(file, flags)
    })
}

async function validate(file: string, flags: ValidateFlags): Promise<number> {
  const text = await readText(file)
  const files = await Promise.all(flags.loadVarsFrom.map(async (name) => ({ file: name, text: await readText(name) })))
  const vars = loadVars({ vars: flags.var, yamlVars: flags.yamlVar, files })
  if (vars.findings.length > 0) throw new CommandError(vars.findings.map((finding) => `${finding.file}: ${finding.message}`).join('\n'))
  const { findings } = parsePipeline(text, { file, vars: vars.lookup, baseTypes: defaultBaseTypes.keys() })
  const colors = colorsFor(process.stdout)
  for (const finding of findings) terminal.line(formatFinding(finding, { color: colors.enabled, source: text }))
  const errors = findings.filter((finding) => finding.severity === 'error' || flags.strict).length
  terminal.line(errors === 0 ? `${file}: ${colors.green('looks good')}` : `${file}: ${colors.red(errors === 1 ? '1 error' : `${errors} errors`)}`)
  return errors === 0 ? exitStatus.succeeded : exitStatus.failed
}
