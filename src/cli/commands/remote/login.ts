import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { ApiClient } from '../../../client/api-client.ts'
import { Connection } from '../../../client/connection.ts'
import { loginWithBrowser, loginWithPassword, parseToken, type Token } from '../../../client/login.ts'
import { saveTarget, targetsFile, type SavedTarget } from '../../../client/targets.ts'
import { messageOf } from '../../../lib/errors.ts'
import { CommandError } from '../../exit.ts'
import { addFlags, flagsOf } from '../../settings/flags.ts'
import { orFail, savedTargets } from '../../remote/session.ts'
import type { Flag, Values } from '../../settings/setting.ts'
import { onOff, text } from '../../settings/types.ts'
import { secrets, terminal } from '../../terminal.ts'

const loginFlags = {
  target: { short: 't', type: text('NAME'), summary: 'the name that the server gets here', otherwise: 'AIRSIDE_TARGET' },
  'concourse-url': { short: 'c', type: text('URL'), summary: "the server's address", otherwise: 'that of the saved target' },
  'team-name': { short: 'n', type: text('TEAM'), summary: 'the team to work in', otherwise: 'main, or that of the saved target' },
  username: { short: 'u', type: text('NAME'), summary: 'the name of a local user' },
  password: { short: 'p', type: text('PASSWORD'), summary: 'the password; without it AIRSIDE_PASSWORD, else it is asked for' },
  insecure: { short: 'k', type: onOff, summary: "do not verify the server's certificate" },
  'ca-cert': { type: text('FILE'), summary: "the CA's certificate, PEM" },
  'client-cert': { type: text('FILE'), summary: 'the certificate of this client, PEM' },
  'client-key': { type: text('FILE'), summary: 'its key, PEM' },
} as const satisfies Readonly<Record<string, Flag>>

export function addLoginCommand(program: Command): void {
  const command = program
    .command('login')
    .alias('l')
    .helpGroup('Commands on a server:')
    .summary('log in to a server, and save it under a name')
    .description(
      'Logs in to an Airside or Concourse server and saves it in ~/.flyrc, which fly reads too. Without a user name it prints an address for a browser and waits until that brings a token; a token can be pasted as well.',
    )
    .addHelpText('after', '\nExamples:\n  airside login -t ci -c https://ci.example.com\n  airside login -t ci -c https://ci.example.com -u admin -n main')
    .action(async () => login(flagsOf(loginFlags, command)))
  addFlags(command, Object.entries<Flag>(loginFlags))
}

async function login(flags: Values<typeof loginFlags>): Promise<void> {
  const name = flags.target ?? (process.env['AIRSIDE_TARGET'] || undefined)
  if (name === undefined) throw new CommandError('what shall the server be called here? -t NAME')
  const saved = (await savedTargets()).get(name)
  const api = (flags.concourseUrl ?? saved?.api)?.replace(/\/+$/, '')
  if (api === undefined) throw new CommandError(`there is no target ${name} yet; where is the server? -c URL`)
  if (!/^https?:\/\/[^/]/.test(api) || !URL.canParse(api)) throw new CommandError('--concourse-url: write http://HOST or https://HOST')
  const target = await targetOf(flags, api, saved)

  const connection = await Connection.open(target)
  if (!connection.ok) throw new CommandError(connection.error)
  try {
    const known = { name, target }
    // Before a password is asked for.
    orFail(await new ApiClient(connection.value).info(), known, `${api} is no Airside or Concourse server: it does not know /api/v1/info`)
    terminal.say(`logging in to team '${target.team}' of ${api}`)
    const token = await obtainToken(connection.value, flags, api, known)
    secrets.keep([token.value])
    await verify({ ...target, token }, known)
    const written = await saveTarget(targetsFile(), name, { ...target, token })
    if (!written.ok) throw new CommandError(written.error)
    terminal.line('target saved')
  } finally {
    await connection.value.close()
  }
}

async function targetOf({ teamName, insecure, caCert, clientCert, clientKey }: Values<typeof loginFlags>, api: string, saved: SavedTarget | undefined): Promise<SavedTarget> {
  if ((clientCert === undefined) !== (clientKey === undefined)) throw new CommandError('--client-cert and --client-key belong together')
  const ca = caCert === undefined ? saved?.caCert : await readFile(caCert, 'utf8').catch((error: unknown) => Promise.reject(new CommandError(`--ca-cert: ${messageOf(error)}`)))
  return {
    api,
    team: teamName ?? saved?.team ?? 'main',
    ...(insecure && { insecure }),
    ...(ca !== undefined && { caCert: ca }),
    ...(clientCert !== undefined && clientKey !== undefined ? { clientCert: { certPath: clientCert, keyPath: clientKey } } : saved?.clientCert && { clientCert: saved.clientCert }),
  }
}

async function obtainToken(connection: Connection, flags: Values<typeof loginFlags>, api: string, known: { name: string; target: SavedTarget }): Promise<Token> {
  if (flags.username === undefined) return fromBrowser(api)
  const password = flags.password ?? process.env['AIRSIDE_PASSWORD'] ?? (await askPassword())
  secrets.keep([password])
  return orFail(await loginWithPassword(connection, flags.username, password), known)
}

async function fromBrowser(api: string): Promise<Token> {
  const browser = await loginWithBrowser(api)
  const lines = createInterface({ input: process.stdin, terminal: false })
  try {
    terminal.say(`open this address in a browser:\n\n  ${browser.url}\n\nor paste a token here:`)
    const pasted = new Promise<Token>((resolve) => {
      lines.on('line', (line) => {
        const token = parseToken(line)
        if (token !== undefined) resolve(token)
        else if (line.trim() !== '') terminal.say('that is no token; it looks like: bearer asfy…')
      })
    })
    return await Promise.race([browser.token, pasted])
  } finally {
    lines.close()
    process.stdin.unref()
    browser.close()
  }
}

/** Typed without being shown. */
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) throw new CommandError('whose password? --password, or AIRSIDE_PASSWORD')
  const lines = createInterface({ input: process.stdin, terminal: true })
  try {
    terminal.draw('password: ')
    return await lines.question('')
  } finally {
    lines.close()
    terminal.draw('\n')
  }
}

/** A token that does not reach the team would fail at the next command only. */
async function verify(target: SavedTarget, known: { name: string; target: SavedTarget }): Promise<void> {
  const connection = await Connection.open(target)
  if (!connection.ok) throw new CommandError(connection.error)
  try {
    const user = orFail(await new ApiClient(connection.value).user(), known)
    if (!user.is_admin && !Object.hasOwn(user.teams, target.team)) {
      const teams = Object.keys(user.teams)
      throw new CommandError(`${user.display_user_id} has no role in team '${target.team}', or there is no such team${teams.length > 0 ? `; teams of this user: ${teams.join(', ')} (-n TEAM)` : ''}`, 1)
    }
  } finally {
    await connection.value.close()
  }
}
