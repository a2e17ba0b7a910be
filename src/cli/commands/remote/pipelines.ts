import { pipelineText } from '../../../config/pipeline-text.ts'
import type { Command } from 'commander'
import { colorsFor } from '../../colors.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { pipelineRef, teamFlag } from '../../remote/refs.ts'
import { orFail } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { CommandError } from '../../exit.ts'
import { answerTo } from '../../remote/ask.ts'
import { onOff } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const pipelineFlags = { pipeline: { short: 'p', type: pipelineRef, summary: 'the pipeline' }, team: teamFlag } as const

const changes = [
  { names: ['pause-pipeline', 'pp'], what: 'pause', summary: 'stop checks and new builds of a pipeline', done: 'paused' },
  { names: ['unpause-pipeline', 'up'], what: 'unpause', summary: 'let a paused pipeline go on', done: 'unpaused' },
  { names: ['expose-pipeline', 'ep'], what: 'expose', summary: 'let everybody see a pipeline', done: 'exposed' },
  { names: ['archive-pipeline', 'ap'], what: 'archive', summary: 'drop the config of a pipeline, and keep its builds', done: 'archived' },
  { names: ['hide-pipeline', 'hp'], what: 'hide', summary: 'let only its team see a pipeline', done: 'hidden' },
] as const

export function addPipelineCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['pipelines', 'ps'],
    summary: 'list the pipelines of a team',
    examples: ['airside pipelines', 'airside pipelines --all --json'],
    flags: { all: { short: 'a', type: onOff, summary: 'of all teams that you may see' }, team: teamFlag, ...jsonFlag },
    async run(session, { all, team, json }) {
      const items = orFail(await session.api.pipelines(all ? undefined : (team ?? session.target.team)), session, `there is no team ${team ?? session.target.team}`)
      const { green, yellow, dim } = colorsFor(process.stdout)
      showList({
        json,
        items,
        head: [...(all ? ['team'] : []), 'pipeline', 'paused', 'public', 'set at'],
        row: (pipeline) => [
          ...(all ? [{ text: pipeline.team_name }] : []),
          { text: pipelineText({ name: pipeline.name, ...(pipeline.instance_vars && { instanceVars: pipeline.instance_vars as never }) }) },
          { text: pipeline.archived ? 'archived' : pipeline.paused ? 'yes' : 'no', paint: pipeline.archived ? dim : pipeline.paused ? yellow : green },
          { text: pipeline.public ? 'yes' : 'no' },
          { text: pipeline.last_updated === undefined ? '' : new Date(pipeline.last_updated * 1000).toISOString() },
        ],
      })
    },
  })
  for (const { names, what, summary, done } of changes) {
    addRemoteCommand(program, {
      names,
      summary,
      examples: [`airside ${names[0]} -p demo`],
      flags: pipelineFlags,
      async run(session, { pipeline, team }) {
        if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
        const ref = session.pipeline(pipeline, team)
        orFail(await session.api.change(ref, what), session, `there is no pipeline ${pipelineText(pipeline)} in team ${ref.team}`)
        terminal.line(`${done} ${pipelineText(pipeline)}`)
      },
    })
  }
  addRemoteCommand(program, {
    names: ['destroy-pipeline', 'dp'],
    summary: 'remove a pipeline with its builds and logs, for ever',
    examples: ['airside destroy-pipeline -p demo'],
    flags: { ...pipelineFlags, 'non-interactive': { short: 'n', type: onOff, summary: 'remove it without asking' } },
    async run(session, { pipeline, team, nonInteractive }) {
      if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
      const ref = session.pipeline(pipeline, team)
      const name = pipelineText(pipeline)
      if (!nonInteractive && (await answerTo(`this removes all builds and logs of ${name} in team ${ref.team}; type its name to go on:`)) !== name) return terminal.line('nothing was removed')
      orFail(await session.api.destroy(ref), session, `there is no pipeline ${name} in team ${ref.team}`)
      terminal.line(`removed ${name}`)
    },
  })
}
