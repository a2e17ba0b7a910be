import type { Command } from 'commander'
import type { UserExplained } from '../../../client/api-client.ts'
import { visible } from '../../../lib/visible.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail } from '../../remote/session.ts'
import { jsonFlag } from '../../remote/show-json.ts'
import { terminal } from '../../terminal.ts'

/** Why somebody has the roles that they have. */
export function addAuthCommands(program: Command): void {
  const auth = program.command('auth').helpGroup('Commands on a server:').summary('why you have the roles that you have')
  addRemoteCommand(auth, {
    names: ['explain'],
    summary: 'show what your login says of you, and what that matches in teams',
    description: "Shows what the provider of your login says of you, the entries of a team's auth that mean you (set-team), and the roles that you have by them. Airside's servers have this, Concourse's have not.",
    examples: ['airside auth explain', 'airside auth explain -t ci --json'],
    flags: jsonFlag,
    async run(session, { json }) {
      const found = orFail(await session.api.explainUser(), session, 'the server cannot say, as Concourse cannot; airside userinfo shows your roles')
      if (json) return terminal.line(JSON.stringify(found, null, 2))
      for (const line of explained(found)) terminal.line(visible(line))
    },
  })
}

function* explained(found: UserExplained): Generator<string> {
  const { connector, subject, name, full_name: fullName, email, groups, team_auth: entries, token_limits: limits } = found
  yield `what ${connector} says of you, as of ${new Date(found.last_login).toISOString()}:`
  for (const [claim, text] of [['subject', subject], ['name', name], ['full name', fullName], ['e-mail', email], ['groups', groups.join(', ')]] as const) if (text !== undefined && text !== '') yield `  ${claim}: ${text}`
  yield 'entries of set-team that mean you:'
  for (const user of entries.users) yield `  user   ${user}`
  for (const group of entries.groups) yield `  group  ${group}`
  if (!found.name_counts) yield `the name ${name} belonged to somebody else first, so that it does not count for you; the subject does`
  if (found.groups_lapsed) yield 'the last login is too long ago for its groups to count: log in again'
  const teams = Object.entries(found.teams)
  yield teams.length === 0 ? 'no team has a role for you' : 'your roles:'
  for (const [team, held] of teams) yield `  ${team}: ${held.join(', ')}`
  if (found.is_admin) yield 'you are an admin: an owner of a team of admins, and so in every team'
  if (limits.team !== undefined || limits.role !== undefined) yield `this token is limited to${limits.role === undefined ? '' : ` the role ${limits.role}`}${limits.team === undefined ? '' : ` in team ${limits.team}`}`
}
