import type { Command } from 'commander'
import { revoke } from '../../../client/logout.ts'
import { saveTarget, targetsFile, type SavedTarget } from '../../../client/targets.ts'
import { fail, ok } from '../../../model/result.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail, savedTargets } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { addFlags, flagsOf } from '../../settings/flags.ts'
import type { Flag } from '../../settings/setting.ts'
import { onOff, one, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const logoutFlags = {
  target: { short: 't', type: text('NAME'), summary: 'the server' },
  all: { short: 'a', type: onOff, summary: 'of all servers' },
} as const satisfies Readonly<Record<string, Flag>>

const editFlags = {
  target: { short: 't', type: text('NAME'), summary: 'the server' },
  'target-name': { type: text('NAME'), summary: 'its new name' },
  'concourse-url': { short: 'u', type: one('URL', (given) => (/^https?:\/\/[^/]/.test(given) && URL.canParse(given) ? ok(given) : fail('write http://HOST or https://HOST'))), summary: 'its new address' },
  'team-name': { short: 'n', type: text('TEAM'), summary: 'another team' },
} as const satisfies Readonly<Record<string, Flag>>

export function addTargetCommands(program: Command): void {
  const targets = program.command('targets').alias('ts').helpGroup('Commands on a server:').summary('list the servers that were logged in to').description('Lists the servers of ~/.flyrc.')
  addFlags(targets, Object.entries<Flag>(jsonFlag))
  targets.action(async () => {
    const items = [...(await savedTargets())].map(([name, { api, team }]) => ({ name, api, team }))
    showList({ json: flagsOf(jsonFlag, targets).json, items, head: ['name', 'url', 'team'], row: ({ name, api, team }) => [{ text: name }, { text: api }, { text: team }] })
  })

  const logout = program.command('logout').alias('o').helpGroup('Commands on a server:').summary('make a token void, and forget it').description('Makes the token of a server void and removes it from ~/.flyrc; the server itself stays there.')
  addFlags(logout, Object.entries<Flag>(logoutFlags))
  logout.action(async () => {
    for (const name of await chosen(flagsOf(logoutFlags, logout))) await forget(name)
  })

  const remove = program.command('delete-target').alias('dtg').helpGroup('Commands on a server:').summary('forget a server').description('Removes a server, or all of them, from ~/.flyrc. Its token stays valid: airside logout makes it void.')
  addFlags(remove, Object.entries<Flag>(logoutFlags))
  remove.action(async () => {
    for (const name of await chosen(flagsOf(logoutFlags, remove))) await keep(name, undefined, 'forgot')
  })

  const edit = program.command('edit-target').alias('etg').helpGroup('Commands on a server:').summary('change the name, address or team of a server').description('Changes the name, the address or the team of a server in ~/.flyrc.')
  addFlags(edit, Object.entries<Flag>(editFlags))
  edit.action(async () => {
    const { target: name, targetName, concourseUrl, teamName } = flagsOf(editFlags, edit)
    const [given] = await chosen({ target: name, all: false })
    const saved = (await savedTargets()).get(given ?? '')
    if (given === undefined || saved === undefined) return
    if (targetName === undefined && concourseUrl === undefined && teamName === undefined) throw new CommandError('what is to be changed? --target-name, --concourse-url or --team-name')
    const to = targetName ?? given
    if (to !== given && (await savedTargets()).has(to)) throw new CommandError(`there is a target ${to} already`)
    await keep(to, { ...saved, ...(concourseUrl !== undefined && { api: concourseUrl.replace(/\/+$/, '') }), ...(teamName !== undefined && { team: teamName }) }, 'saved')
    if (to !== given) await keep(given, undefined, 'forgot')
  })

  addRemoteCommand(program, {
    names: ['status'],
    summary: 'say whether the token of a server is valid',
    examples: ['airside status -t ci'],
    flags: {},
    async run(session) {
      const user = orFail(await session.api.user(), session)
      terminal.line(`logged in to ${session.target.api} as ${user.display_user_id}`)
    },
  })
  addRemoteCommand(program, {
    names: ['userinfo'],
    summary: 'say who you are on a server, and your roles',
    examples: ['airside userinfo'],
    flags: jsonFlag,
    async run(session, { json }) {
      const user = orFail(await session.api.user(), session)
      if (json) return terminal.line(JSON.stringify(user, null, 2))
      const items = Object.entries(user.teams).map(([team, roles]) => ({ team, roles }))
      terminal.line(`${user.display_user_id} (${user.sub})${user.is_admin ? ', admin' : ''}`)
      showList({ json, items, head: ['team', 'roles'], row: ({ team, roles }) => [{ text: team }, { text: roles.join(', ') }] })
    },
  })
  addRemoteCommand(program, {
    names: ['teams', 't'],
    summary: 'list the teams that you may look into',
    examples: ['airside teams'],
    flags: jsonFlag,
    async run(session, { json }) {
      const items = orFail(await session.api.teams(), session)
      showList({ json, items, head: ['name'], row: ({ name }) => [{ text: name }] })
    },
  })
}

/** The targets that were named, which are there. */
async function chosen({ target, all }: { readonly target: string | undefined; readonly all: boolean }): Promise<string[]> {
  if ((target === undefined) !== all) throw new CommandError(all ? '--all and --target exclude each other' : 'which server? -t NAME, or --all')
  const saved = await savedTargets()
  if (target !== undefined && !saved.has(target)) throw new CommandError(`there is no target ${target}`)
  return target === undefined ? [...saved.keys()] : [target]
}

async function keep(name: string, target: SavedTarget | undefined, done: string): Promise<void> {
  const saved = await saveTarget(targetsFile(), name, target)
  if (!saved.ok) throw new CommandError(saved.error)
  terminal.line(`${done} target ${name}`)
}

async function forget(name: string): Promise<void> {
  const target = (await savedTargets()).get(name)
  if (target === undefined) throw new CommandError(`there is no target ${name}`)
  if (target.token !== undefined) {
    const revoked = await revoke(target)
    if (!revoked.ok) terminal.say(`the token may still be valid: ${revoked.error}`)
  }
  const { token, ...rest } = target
  const saved = await saveTarget(targetsFile(), name, rest)
  if (!saved.ok) throw new CommandError(saved.error)
  terminal.line(`logged out of ${name}`)
}
