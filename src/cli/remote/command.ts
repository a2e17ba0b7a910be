import type { Command } from 'commander'
import { addFlags, flagsOf } from '../settings/flags.ts'
import type { Flag, Values } from '../settings/setting.ts'
import { targetFlags } from './refs.ts'
import { withSession, type Session } from './session.ts'

type Table = Readonly<Record<string, Flag>>

export interface RemoteCommand<Flags extends Table> {
  /** Its name, then its short names, fly's among them. */
  readonly names: readonly [string, ...string[]]
  readonly summary: string
  readonly description?: string
  readonly examples: readonly string[]
  readonly flags: Flags
  /** Words after the flags, as the help names them. */
  readonly words?: readonly [placeholder: string, summary: string]
  /** Gives the exit status; nothing: 0. */
  readonly run: (session: Session, flags: Values<Flags>, words: readonly string[]) => Promise<number | void>
}

/** Adds a command that talks to a server. */
export function addRemoteCommand<const Flags extends Table>(program: Command, remote: RemoteCommand<Flags>): void {
  const [name, ...aliases] = remote.names
  const command = program.command(name).aliases(aliases).summary(remote.summary).helpGroup('Commands on a server:')
  command.description(remote.description ?? `${remote.summary.charAt(0).toUpperCase()}${remote.summary.slice(1)}.`)
  const flags = { ...remote.flags, ...targetFlags }
  addFlags(command, Object.entries<Flag>(flags))
  command.addHelpText('after', `\nExamples:\n${remote.examples.map((example) => `  ${example}`).join('\n')}`)
  if (remote.words !== undefined) command.argument(`[${remote.words[0]}...]`, remote.words[1])
  command.action(async (words: unknown) => {
    const given = flagsOf(flags, command) as Values<Flags> & Values<typeof targetFlags>
    process.exitCode = (await withSession(given.target, (session) => remote.run(session, given, remote.words === undefined ? [] : (words as readonly string[])))) ?? 0
  })
}
