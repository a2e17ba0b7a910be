import type { Command } from 'commander'
import { configDiff } from '../../../config/config-diff.ts'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { writeYaml } from '../../../config/yaml/write-yaml.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { PipelineRef } from '../../../model/pipeline.ts'
import { CommandError, exitStatus } from '../../exit.ts'
import { answerTo } from '../../remote/ask.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { pipelineRef, teamFlag, type WrittenPipeline } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { showDiff } from '../../remote/show-diff.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import type { Flag, Values } from '../../settings/setting.ts'
import { integer, onOff } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const pipelineFlag = { short: 'p', type: pipelineRef, summary: 'the pipeline' } as const

const getFlags = {
  pipeline: pipelineFlag,
  'config-version': { type: integer('VERSION', 1), summary: 'a version of airside pipeline-configs', otherwise: 'the one that is set now' },
  json: { short: 'j', type: onOff, summary: 'as JSON' },
  team: teamFlag,
} as const satisfies Readonly<Record<string, Flag>>

const rollbackFlags = {
  pipeline: pipelineFlag,
  to: { type: integer('VERSION', 1), summary: 'a version of airside pipeline-configs', otherwise: 'the one before' },
  'non-interactive': { short: 'n', type: onOff, summary: 'set it without asking' },
  team: teamFlag,
} as const satisfies Readonly<Record<string, Flag>>

/** The config of a pipeline, and those that it had. */
export function addConfigCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['get-pipeline', 'gp'],
    summary: 'print the config of a pipeline',
    description: "Prints the config of a pipeline: the one that is set now, or with --config-version one that it had (Airside's servers).",
    examples: ['airside get-pipeline -p demo > pipeline.yml', 'airside get-pipeline -p demo --config-version 17'],
    flags: getFlags,
    run: getPipeline,
  })
  addRemoteCommand(program, {
    names: ['pipeline-configs', 'pcs'],
    summary: 'list the configs that a pipeline had, newest first',
    description: "Lists the configs that a pipeline had, newest first, with who set each and when: the newest twenty are kept. Airside's servers have this, Concourse's have not.",
    examples: ['airside pipeline-configs -p demo'],
    flags: { pipeline: pipelineFlag, team: teamFlag, ...jsonFlag },
    async run(session, { pipeline, team, json }) {
      if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
      const items = await versionsOf(session, pipeline, session.pipeline(pipeline, team))
      showList({
        json,
        items,
        head: ['version', 'set at', 'set by', 'current'],
        row: ({ version, time, set_by: by, current }) => [{ text: String(version) }, { text: new Date(time * 1000).toISOString() }, { text: by || 'n/a' }, { text: current ? 'current' : '' }],
      })
    },
  })
  addRemoteCommand(program, {
    names: ['rollback-pipeline', 'rbp'],
    summary: 'set a pipeline to a config that it had',
    description: 'Shows what changes in the pipeline, asks, and sets it to a config that it had. That becomes its newest version; the present one stays in the list, so that this can be undone in the same way.',
    examples: ['airside rollback-pipeline -p demo', 'airside pipeline-configs -p demo', 'airside rollback-pipeline -p demo --to 17 -n'],
    flags: rollbackFlags,
    run: rollBack,
  })
}

async function getPipeline(session: Session, { pipeline, configVersion: version, json, team }: Values<typeof getFlags>): Promise<void> {
  if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
  const name = pipelineText(pipeline)
  const ref = session.pipeline(pipeline, team)
  const { config } = version === undefined ? orFail(await session.api.config(ref), session, `there is no pipeline ${name}`) : orFail(await session.api.configOf(ref, version), session, notKept(name, version))
  terminal.line(json ? JSON.stringify(config, null, 2) : writeYaml(config as JsonObject).trimEnd())
}

const notKept = (name: string, version: number): string => `${name} has no config ${version} any more; airside pipeline-configs -p ${name} lists those that are kept`

async function versionsOf(session: Session, written: WrittenPipeline, ref: PipelineRef) {
  return orFail(await session.api.configVersions(ref), session, `there is no pipeline ${pipelineText(written)} in team ${ref.team}, or the server keeps no configs, as Concourse does not`)
}

async function rollBack(session: Session, { pipeline, to, nonInteractive, team }: Values<typeof rollbackFlags>): Promise<void> {
  if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
  const name = pipelineText(pipeline)
  const ref = session.pipeline(pipeline, team)
  const versions = await versionsOf(session, pipeline, ref)
  const kept = to === undefined ? versions.find(({ current }) => !current) : versions.find(({ version }) => version === to)
  if (kept === undefined) throw new CommandError(to === undefined ? `${name} has had no other config` : notKept(name, to), exitStatus.failed)
  const present = orFail(await session.api.config(ref), session, `there is no pipeline ${name}, or it is archived`)
  const { config } = orFail(await session.api.configOf(ref, kept.version), session, notKept(name, kept.version))
  const changes = configDiff(present.config, config as JsonObject)
  if (changes.length === 0) return terminal.line('no changes to apply')
  showDiff(changes)
  const which = `config ${kept.version}, set${kept.set_by === '' ? '' : ` by ${kept.set_by}`} at ${new Date(kept.time * 1000).toISOString()}`
  if (!nonInteractive && !/^y(es)?$/i.test(await answerTo(`set ${name} in team ${ref.team} to ${which}? [yN]:`))) return terminal.line('nothing was set')
  const { warnings = [] } = orFail(await session.api.restoreConfig(ref, kept.version, present.version), session, `${name} has no config ${kept.version} any more`)
  for (const { message } of warnings) terminal.say(`warning: ${message}`)
  terminal.line(`set ${name} to ${which}`)
}
