import { aws } from './groups/aws.ts'
import { credentials } from './groups/credentials.ts'
import { images } from './groups/images.ts'
import { kubernetes } from './groups/kubernetes.ts'
import { loginLdap } from './groups/login-ldap.ts'
import { loginProviders } from './groups/login-providers.ts'
import { login } from './groups/login.ts'
import { policy } from './groups/policy.ts'
import { advanced, runtime } from './groups/runtime.ts'
import { data, server } from './groups/server.ts'
import { tracing } from './groups/tracing.ts'
import { vault } from './groups/vault.ts'
import type { CommandName, Setting, Values } from './setting.ts'

/**
 * Every setting, by the name that it has after `--` and in a file. Flags, variables of the environment, keys of the file, types of the
 * values, help and docs/settings.md come from here: an entry is all that a new setting needs, besides the code that uses it.
 */
export const settings = { ...runtime, ...images, ...kubernetes, ...data, ...credentials, ...vault, ...aws, ...server, ...policy, ...tracing, ...login, ...loginProviders, ...loginLdap, ...advanced } as const satisfies Readonly<Record<string, Setting>>

type Table = typeof settings

export type SettingsOf<Command extends CommandName> = Values<{
  readonly [Name in keyof Table as Command extends Table[Name]['commands'][number] ? Name : never]: Table[Name]
}>

/** The entries of one command. */
export const settingsFor = (command: CommandName): readonly (readonly [string, Setting])[] =>
  Object.entries<Setting>(settings).filter(([, setting]) => setting.commands.includes(command))

/** The settings of every command that runs builds. */
export type BuildSettings = Omit<SettingsOf<'run'>, 'keep' | 'keepFor' | 'keepMost'>
