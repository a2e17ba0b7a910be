import { Option, type Command } from 'commander'
import { ok } from '../../model/result.ts'
import { CommandError } from '../exit.ts'
import { resolve } from './resolve.ts'
import { groups, type Flag, type Values } from './setting.ts'
import type { Source } from './sources.ts'

/** Adds the flags of a table to a command, by groups. */
export function addFlags(command: Command, table: Iterable<readonly [string, Flag]>): Command {
  const rank = ({ group }: Flag) => (group === undefined ? -1 : groups.indexOf(group))
  for (const [name, flag] of [...table].toSorted(([, a], [, b]) => rank(a) - rank(b))) {
    for (const option of optionsOf(name, flag)) command.addOption(flag.group === undefined ? option : option.helpGroup(`${flag.group}:`))
  }
  return command
}

/** A switch has two, so that a flag can take back what the environment or a file says; the help shows the one that changes the default. */
function optionsOf(name: string, flag: Flag): Option[] {
  const { type } = flag
  const option = (long: string) => new Option(`${flag.short === undefined ? '' : `-${flag.short}, `}${long}`, describe(flag))
  switch (type.form) {
    case 'one':
      return [option(`--${name} <${type.placeholder}>`)]
    case 'optional':
      return [option(`--${name} [${type.placeholder}]`)]
    case 'list':
      return [option(`--${name} <${type.placeholder}>`).argParser((text, before: readonly string[] | undefined) => [...(before ?? []), text])]
    case 'switch': {
      const [shown, other] = flag.default === 'true' ? [`--no-${name}`, `--${name}`] : [`--${name}`, `--no-${name}`]
      return [option(shown), new Option(other).hideHelp()]
    }
  }
}

function describe({ type, summary, default: given, otherwise }: Flag): string {
  const words = otherwise?.replaceAll('`', '') ?? (typeof given === 'string' && type.form !== 'switch' ? given : undefined)
  return words === undefined ? summary : `${summary} (default: ${words})`
}

/** What stands on the command line itself. */
export const commandLine = (command: Command): Source => ({
  kind: 'flag',
  find(name, { type }) {
    const option = command.options.find(({ long }) => long === `--${name}`)
    const key = option?.attributeName() ?? ''
    if (command.getOptionValueSource(key) !== 'cli') return ok(undefined)
    const raw: unknown = command.getOptionValue(key)
    const where = `--${name}`
    if (type.form === 'switch') return ok({ texts: [{ text: String(raw), where: raw === false ? `--no-${name}` : where }] })
    if (typeof raw === 'boolean') return ok({ texts: [] })
    const texts = (Array.isArray(raw) ? raw : [raw]).map((text) => ({ text: String(text), where }))
    // An empty value, as a script gives it that has none, counts as none; an entry of a list is looked at.
    return ok(type.form !== 'list' && texts.every(({ text }) => text === '') ? undefined : { texts })
  },
})

/** The values of flags that only the command line gives. */
export function flagsOf<const Table extends Readonly<Record<string, Flag>>>(table: Table, command: Command): Values<Table> {
  const { values, problems } = resolve(Object.entries(table), [commandLine(command)])
  if (problems.length > 0) throw new CommandError(problems.join('\n'))
  return values as Values<Table>
}
