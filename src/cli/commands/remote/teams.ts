import type { Command } from 'commander'
import { ok } from '../../../model/result.ts'
import type { TeamAuth } from '../../../model/team.ts'
import { CommandError } from '../../exit.ts'
import { answerTo } from '../../remote/ask.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { readTeamFile } from '../../settings/login/role-files.ts'
import { list, onOff, one, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const nameFlag = { short: 'n', type: text('TEAM'), summary: 'the team' } as const

export function addTeamCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['set-team', 'st'],
    summary: 'make a team, or say who has which role in it',
    description: "Makes a team, or says who has which role in it; roles that are not named are gone then. The file is that of `fly set-team --config`: roles, and for each the users and groups of connectors.",
    examples: ['airside set-team -n web -c team.yml', 'airside set-team -n web --local-user jo'],
    flags: {
      'team-name': nameFlag,
      config: { short: 'c', type: one('FILE', readTeamFile), summary: 'its roles' },
      'local-user': { type: list('NAME', ok<string>), summary: 'a local user who owns the team' },
      'non-interactive': { type: onOff, summary: 'set it without asking' },
    },
    async run(session, { teamName, config, localUser, nonInteractive }) {
      if (teamName === undefined) throw new CommandError('which team? -n TEAM')
      const auth = authOf(config, localUser)
      for (const [role, { users = [], groups = [] }] of Object.entries(auth)) terminal.line(`${role}: ${[...users, ...groups].join(', ')}`)
      if (!nonInteractive && !/^y(es)?$/i.test(await answerTo(`set team ${teamName}? [yN]:`))) return terminal.line('nothing was set')
      const { errors = [], warnings = [] } = orFail(await session.api.setTeam(teamName, auth), session, `there is no team ${teamName}`)
      if (errors.length > 0) throw new CommandError(errors.join('\n'), 1)
      for (const { message } of warnings) terminal.say(`warning: ${message}`)
      terminal.line(`set team ${teamName}`)
    },
  })
  addRemoteCommand(program, {
    names: ['get-team', 'gt'],
    summary: 'say who has which role in a team',
    examples: ['airside get-team -n web'],
    flags: { 'team-name': nameFlag, ...jsonFlag },
    async run(session, { teamName = session.target.team, json }) {
      const team = orFail(await session.api.team(teamName), session, `there is no team ${teamName}`)
      const items = Object.entries(team.auth).map(([role, { users = [], groups = [] }]) => ({ role, users, groups }))
      if (json) return terminal.line(JSON.stringify(team, null, 2))
      showList({ json, items, head: ['role', 'users', 'groups'], row: ({ role, users, groups }) => [{ text: role }, { text: users.join(', ') || 'none' }, { text: groups.join(', ') || 'none' }] })
    },
  })
  addRemoteCommand(program, {
    names: ['rename-team', 'rt'],
    summary: 'give a team another name',
    examples: ['airside rename-team -o web -n site'],
    flags: { 'old-name': { short: 'o', type: text('TEAM'), summary: 'what it is called' }, 'new-name': { short: 'n', type: text('TEAM'), summary: 'what it shall be called' } },
    async run(session, { oldName, newName }) {
      if (oldName === undefined || newName === undefined) throw new CommandError('which team, and what is its name to be? -o TEAM -n TEAM')
      orFail(await session.api.renameTeam(oldName, newName), session, `there is no team ${oldName}`)
      terminal.line(`renamed team ${oldName} to ${newName}`)
    },
  })
  addRemoteCommand(program, {
    names: ['destroy-team', 'dt'],
    summary: 'remove a team with its pipelines and builds, for ever',
    examples: ['airside destroy-team -n web'],
    flags: { 'team-name': nameFlag, 'non-interactive': { type: onOff, summary: 'remove it without asking' } },
    async run(session, { teamName, nonInteractive }) {
      if (teamName === undefined) throw new CommandError('which team? -n TEAM')
      if (!nonInteractive && (await answerTo(`this removes all pipelines and builds of team ${teamName}; type its name to go on:`)) !== teamName) return terminal.line('nothing was removed')
      orFail(await session.api.destroyTeam(teamName), session, `there is no team ${teamName}`)
      terminal.line(`removed team ${teamName}`)
    },
  })
}

function authOf(file: TeamAuth | undefined, localUsers: readonly string[]): TeamAuth {
  if (file !== undefined && localUsers.length > 0) throw new CommandError('--config and --local-user exclude each other')
  if (file === undefined && localUsers.length === 0) throw new CommandError('who has which role? -c FILE, or --local-user NAME')
  return file ?? { owner: { users: localUsers.map((name) => `local:${name.toLowerCase()}`), groups: [] } }
}
