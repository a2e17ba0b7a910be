import type { Command } from 'commander'
import { ok } from '../../../model/result.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { teamFlag } from '../../remote/refs.ts'
import { orFail } from '../../remote/session.ts'
import { list, onOff, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

/** Names of pipelines, and their order on the dashboard. */
export function addOrderCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['rename-pipeline', 'rp'],
    summary: 'give a pipeline, and all of its instances, another name',
    examples: ['airside rename-pipeline -o demo -n shown'],
    flags: { 'old-name': { short: 'o', type: text('PIPELINE'), summary: 'what it is called' }, 'new-name': { short: 'n', type: text('PIPELINE'), summary: 'what it shall be called' }, team: teamFlag },
    async run(session, { oldName, newName, team = session.target.team }) {
      if (oldName === undefined || newName === undefined) throw new CommandError('which pipeline, and what is its name to be? -o PIPELINE -n PIPELINE')
      orFail(await session.api.rename(team, oldName, newName), session, `there is no pipeline ${oldName} in team ${team}`)
      terminal.line(`renamed ${oldName} to ${newName}`)
    },
  })
  addRemoteCommand(program, {
    names: ['order-pipelines', 'op'],
    summary: 'say in which order pipelines are shown',
    description: 'Says in which order the pipelines of a team are shown: those that are named come in their order, before all others.',
    examples: ['airside order-pipelines -p demo -p other', 'airside order-pipelines --alphabetical'],
    flags: {
      pipeline: { short: 'p', type: list('PIPELINE', ok<string>), summary: 'a pipeline; given several times, in their order' },
      alphabetical: { short: 'a', type: onOff, summary: 'all of them, by their names' },
      team: teamFlag,
    },
    async run(session, { pipeline, alphabetical, team = session.target.team }) {
      if (alphabetical === pipeline.length > 0) throw new CommandError('in which order? -p PIPELINE several times, or --alphabetical')
      const names = alphabetical ? orFail(await session.api.pipelines(team), session, `there is no team ${team}`).map(({ name }) => name) : pipeline
      const ordered = alphabetical ? [...new Set(names)].toSorted() : names
      orFail(await session.api.order(team, ordered), session, `there is no such pipeline in team ${team}`)
      for (const name of ordered) terminal.line(name)
    },
  })
}
