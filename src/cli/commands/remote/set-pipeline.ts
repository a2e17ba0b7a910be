import { pipelineText } from '../../../config/pipeline-text.ts'
import type { Command } from 'commander'
import type { ConfigToSend, PipelineConfigAnswer } from '../../../client/api-client.ts'
import { configDiff } from '../../../config/config-diff.ts'
import { decodeText } from '../../../config/decode-text.ts'
import { formatFinding } from '../../../config/format-finding.ts'
import { parsePipeline } from '../../../config/parse-pipeline.ts'
import { loadVars, parsePairs } from '../../../config/vars/var-options.ts'
import { pipelineToJson } from '../../../config/wire.ts'
import { visible } from '../../../lib/visible.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { PipelineRef } from '../../../model/pipeline.ts'
import { ok } from '../../../model/result.ts'
import { colorsFor } from '../../colors.ts'
import { CommandError } from '../../exit.ts'
import { answerTo } from '../../remote/ask.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { pipelineRef, teamFlag, type WrittenPipeline } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { showDiff } from '../../remote/show-diff.ts'
import { readSource } from '../../run/read-source.ts'
import type { Flag, Values } from '../../settings/setting.ts'
import { list, onOff, text } from '../../settings/types.ts'
import { varFlags } from '../../settings/var-flags.ts'
import { secrets, terminal } from '../../terminal.ts'

const setFlags = {
  pipeline: { short: 'p', type: pipelineRef, summary: 'the pipeline; a new one is made' },
  config: { short: 'c', type: text('FILE'), summary: 'its YAML; - is the standard input' },
  ...varFlags(),
  'instance-var': { short: 'i', type: list('NAME=YAML', ok<string>), summary: 'a var that tells this instance of the pipeline from others' },
  'check-creds': { type: onOff, summary: 'refuse it where a var that the server looks up is not there' },
  'dry-run': { type: onOff, summary: 'show what setting it would do, and set nothing' },
  'non-interactive': { short: 'n', type: onOff, summary: 'set it without asking' },
  team: teamFlag,
} as const satisfies Readonly<Record<string, Flag>>

export function addSetPipelineCommand(program: Command): void {
  addRemoteCommand(program, {
    names: ['set-pipeline', 'sp'],
    summary: 'make a file the config of a pipeline',
    description: 'Checks a file, shows what it changes in the pipeline, asks, and sets it. Vars that are given are filled in; all others stay as they are written, and are looked up by the server. A new pipeline is paused.',
    examples: ['airside set-pipeline -p demo -c ci/pipeline.yml', 'airside set-pipeline -p demo -c ci/pipeline.yml --dry-run', 'airside set-pipeline -p demo -c ci/pipeline.yml -v branch=main -n'],
    flags: setFlags,
    run: setPipeline,
  })
}

async function setPipeline(session: Session, flags: Values<typeof setFlags>): Promise<void> {
  const written = withInstanceVars(flags)
  const ref = session.pipeline(written, flags.team)
  const config = await readConfig(flags)
  const present = await session.api.config(ref)
  const known = !present.ok && present.error.kind === 'not-found' ? undefined : orFail<PipelineConfigAnswer>(present, session)
  const changes = configDiff(known?.config ?? {}, config)
  if (known !== undefined && changes.length === 0) return terminal.line('no changes to apply')
  showDiff(changes)
  if (flags.dryRun) return tryPipeline(session, ref, { config, checkCreds: flags.checkCreds, ...(known && { version: known.version }) })
  if (!flags.nonInteractive && !/^y(es)?$/i.test(await answerTo(`set ${pipelineText(written)} in team ${ref.team}? [yN]:`))) return terminal.line('nothing was set')
  const set = orFail(await session.api.setConfig(ref, { config, checkCreds: flags.checkCreds, ...(known && { version: known.version }) }), session, `there is no team ${ref.team}`)
  for (const { message } of set.warnings) terminal.say(`warning: ${message}`)
  terminal.line(set.created ? 'pipeline created' : 'configuration updated')
  await tellPaused(session, ref, written)
}

async function tryPipeline(session: Session, ref: PipelineRef, sent: ConfigToSend): Promise<void> {
  const { changes, warnings } = orFail(await session.api.tryConfig(ref, sent), session, `the server knows no team ${ref.team}, or no dry runs, as Concourse does not`)
  for (const { message } of warnings) terminal.say(`warning: ${message}`)
  for (const change of changes) terminal.line(visible(change))
  terminal.line('nothing was set (--dry-run)')
}

async function tellPaused(session: Session, ref: PipelineRef, written: WrittenPipeline): Promise<void> {
  const now = await session.api.pipeline(ref)
  if (now.ok && now.value.paused) terminal.line(`the pipeline is paused; let it go on with: airside unpause-pipeline -t ${session.name} -p ${pipelineText(written)}`)
}

function withInstanceVars({ pipeline, instanceVar }: Values<typeof setFlags>): WrittenPipeline {
  if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
  if (instanceVar.length === 0) return pipeline
  const vars = parsePairs(instanceVar)
  if (!vars.ok) throw new CommandError(`--instance-var: ${vars.error}`)
  return { ...pipeline, instanceVars: { ...pipeline.instanceVars, ...vars.value } }
}

/** What is wrong is said here with its line; the server knows the file only filled in. */
async function readConfig(flags: Values<typeof setFlags>): Promise<JsonObject> {
  const { config: file } = flags
  if (file === undefined) throw new CommandError('which file? -c FILE')
  const source = await readSource(file)
  const files = await Promise.all(flags.loadVarsFrom.map(async (name) => ({ file: name, text: await readSource(name) })))
  const vars = loadVars({ vars: flags.var, yamlVars: flags.yamlVar, files })
  if (vars.findings.length > 0) throw new CommandError(vars.findings.map((finding) => `${finding.file}: ${finding.message}`).join('\n'))
  const parsed = parsePipeline(source, { file, vars: vars.lookup })
  secrets.keep(parsed.secrets)
  const colors = colorsFor(process.stderr)
  const shown = parsed.findings.map((finding) => formatFinding(finding, { color: colors.enabled, source: decodeText(source).text }))
  if (parsed.config === undefined) throw new CommandError(`${shown.join('\n')}\n${file}: nothing was set`, 1)
  for (const line of shown) terminal.say(line)
  return pipelineToJson(parsed.config)
}
