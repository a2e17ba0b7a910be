import type { Command } from 'commander'
import { nearMiss } from '../../config/near-miss.ts'
import { CommandError } from '../exit.ts'
import { configFile } from './config-file.ts'
import { addFlags, commandLine } from './flags.ts'
import { resolve, type Resolved } from './resolve.ts'
import { variableOf, type CommandName, type Setting } from './setting.ts'
import { concourse, concourseOf, environment, environmentFiles, type Environment } from './sources.ts'
import { settings, settingsFor, type SettingsOf } from './table.ts'

export const addSettings = (command: Command, name: CommandName): Command => addFlags(command, settingsFor(name))

/** The settings of a command: a flag goes before AIRSIDE_X, that before AIRSIDE_X_FILE, that before the file, and CONCOURSE_X comes last. */
export function settingsOf<Name extends CommandName>(name: Name, command: Command, say: (line: string) => void, env: Environment = process.env): SettingsOf<Name> {
  const { values, problems, warnings } = resolveFor(name, command, env)
  for (const warning of warnings) say(warning)
  if (problems.length > 0) throw new CommandError(problems.join('\n'))
  return values as SettingsOf<Name>
}

function resolveFor(name: CommandName, command: Command, env: Environment): Resolved {
  const line = commandLine(command)
  const { values, problems } = resolve([['config', settings.config]], [line, environment(env)])
  const named = values['config']
  const file = typeof named === 'string' ? configFile(named) : undefined
  if (file?.ok === false) return { values, from: new Map(), problems: [...problems, file.error], warnings: [] }
  const table = settingsFor(name).filter(([key]) => key !== 'config')
  const resolved = resolve(table, [line, environment(env), environmentFiles(env), ...(file ? [file.value.source] : []), concourse(env)])
  return {
    ...resolved,
    problems: [...problems, ...resolved.problems],
    warnings: [...(file?.value.warnings ?? []), ...resolved.warnings, ...otherRuntime(table, resolved), ...strayVariables(env), ...ofConcourse(table, resolved, env)],
  }
}

/** Settings of the environment and of a file may be meant for another command; a flag is meant for this one. */
function otherRuntime(table: readonly (readonly [string, Setting])[], { values, from }: Resolved): string[] {
  const chosen = values['runtime']
  return table
    .filter(([name, { runtime }]) => from.get(name) === 'flag' && runtime !== undefined && runtime !== chosen)
    .map(([name, { runtime }]) => `--${name} has no effect: it is for --runtime ${runtime ?? ''}`)
}

const mostNames = 20

/** Variables that were probably meant to be settings. */
function strayVariables(env: Environment): string[] {
  const known = new Set(Object.keys(settings).flatMap((name) => [variableOf(name), ...(name === 'config' ? [] : [`${variableOf(name)}_FILE`])]))
  return Object.keys(env)
    .filter((variable) => variable.startsWith('AIRSIDE_') && !known.has(variable))
    .flatMap((variable) => {
      const bare = (text: string) => text.slice('AIRSIDE_'.length)
      const near = nearMiss(bare(variable), [...known].map(bare)) ?? (variable === 'AIRSIDE_CONFIG_FILE' ? 'CONFIG' : undefined)
      return near === undefined ? [] : [`${variable} is no setting and has no effect; did you mean AIRSIDE_${near}?`]
    })
    .slice(0, mostNames)
}

/** Once at the start of a server: which variables of Concourse hold, and which mean nothing. */
function ofConcourse(table: readonly (readonly [string, Setting])[], { from }: Resolved, env: Environment): string[] {
  if (!table.some(([name]) => name === 'bind')) return []
  const given = Object.keys(env).filter((variable) => variable.startsWith('CONCOURSE_') && env[variable])
  const taken = new Set(table.filter(([name]) => from.get(name) === 'concourse').flatMap(([, setting]) => concourseOf(setting).names))
  const known = new Set(table.flatMap(([, setting]) => concourseOf(setting).names))
  const listed = (names: readonly string[]) => `${names.slice(0, mostNames).join(', ')}${names.length > mostNames ? ` and ${names.length - mostNames} more` : ''}`
  const used = given.filter((variable) => taken.has(variable))
  const strange = given.filter((variable) => !known.has(variable))
  return [
    ...(used.length > 0 ? [`taken from Concourse's settings: ${listed(used)}`] : []),
    ...(strange.length > 0 ? [`no setting here means the same as ${listed(strange)}`] : []),
  ]
}
