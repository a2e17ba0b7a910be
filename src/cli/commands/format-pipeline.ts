import type { Command } from 'commander'
import { stat, writeFile } from 'node:fs/promises'
import { decodeText } from '../../config/decode-text.ts'
import { formatFinding } from '../../config/format-finding.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { pipelineToJson } from '../../config/wire.ts'
import { writeYaml } from '../../config/yaml/write-yaml.ts'
import { messageOf } from '../../lib/errors.ts'
import { colorsFor } from '../colors.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { readSource } from '../run/read-source.ts'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag } from '../settings/setting.ts'
import { onOff, text } from '../settings/types.ts'
import { terminal } from '../terminal.ts'

const flags = {
  config: { short: 'c', type: text('FILE'), summary: 'its YAML; - is the standard input' },
  write: { short: 'w', type: onOff, summary: 'write it to the file, and print nothing' },
} as const satisfies Readonly<Record<string, Flag>>

/** Flags and names are those of fly. */
export function addFormatPipelineCommand(program: Command): void {
  const command = program
    .command('format-pipeline')
    .alias('fp')
    .summary('print a pipeline in the order and form in which servers keep it')
    .description('Prints a pipeline as `get-pipeline` would after it was set. Comments, anchors and the order of keys are lost; vars stay as they are written. Exit status 1 when something is wrong with it.')
    .addHelpText('after', '\nExamples:\n  airside format-pipeline -c ci/pipeline.yml\n  airside format-pipeline -c ci/pipeline.yml --write')
    .action(async () => {
      const { config, write } = flagsOf(flags, command)
      if (config === undefined) throw new CommandError('which file? -c FILE')
      if (write && config === '-') throw new CommandError('--write needs a file: the standard input cannot be written')
      await format(config, write)
    })
  addFlags(command, Object.entries<Flag>(flags))
}

async function format(file: string, write: boolean): Promise<void> {
  const source = await readSource(file)
  const { config, findings } = parsePipeline(source, { file })
  const { enabled: color } = colorsFor(process.stderr)
  for (const finding of findings) terminal.say(formatFinding(finding, { color, source: decodeText(source).text }))
  if (config === undefined) throw new CommandError(`${file}: nothing was ${write ? 'written' : 'printed'}`, exitStatus.failed)
  const formatted = writeYaml(pipelineToJson(config))
  if (!write) return terminal.line(formatted.trimEnd())
  try {
    await writeFile(file, formatted, { mode: (await stat(file)).mode })
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${messageOf(error)}`, exitStatus.failed)
  }
}
