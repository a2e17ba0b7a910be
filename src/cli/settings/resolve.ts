import { secrets } from '../terminal.ts'
import { propertyOf, variableOf, type Flag, type Setting } from './setting.ts'
import type { Given, Source } from './sources.ts'
import { parseSwitch } from './types.ts'

/** What a table's flags come to. With problems the values are not to be used. */
export interface Resolved {
  readonly values: Readonly<Record<string, unknown>>
  /** Which source a value came from; nothing for a default. */
  readonly from: ReadonlyMap<string, Source['kind']>
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** Takes each value from the first source that has it. A list is taken as a whole. */
export function resolve(table: Iterable<readonly [string, Flag | Setting]>, sources: readonly Source[]): Resolved {
  const values: Record<string, unknown> = {}
  const from = new Map<string, Source['kind']>()
  const problems: string[] = []
  const warnings: string[] = []
  for (const [name, flag] of table) {
    const found = firstOf(name, flag, sources, problems)
    if (found !== undefined) {
      from.set(name, found.kind)
      if ('secret' in flag && flag.secret !== undefined) keepSecret(name, flag, found, warnings)
    }
    const given = found ?? byDefault(flag)
    values[propertyOf(name)] = given === undefined ? absent(flag) : read(flag, given, problems)
  }
  return { values, from, problems, warnings }
}

type Found = Given & { readonly kind: Source['kind'] }

function firstOf(name: string, flag: Flag | Setting, sources: readonly Source[], problems: string[]): Found | undefined {
  for (const source of sources) {
    // Only a setting is looked for in other places than the flags, which do not look at it.
    const found = source.find(name, flag as Setting)
    if (!found.ok) {
      problems.push(found.error)
      return undefined
    }
    if (found.value !== undefined) return { ...found.value, kind: source.kind }
  }
  return undefined
}

function keepSecret(name: string, setting: Setting, { texts, kind }: Found, warnings: string[]): void {
  const held = texts.flatMap(({ text }) => setting.secret?.(text) ?? []).filter((secret) => secret !== '')
  secrets.keep(held)
  if (kind !== 'flag' || held.length === 0) return
  const variable = variableOf(name)
  warnings.push(`--${name} shows its secret to every user of this machine, in the list of processes; set ${variable}, or ${variable}_FILE to a file that holds it`)
}

function byDefault({ default: given }: Flag): Given | undefined {
  return given === undefined ? undefined : { texts: [{ text: typeof given === 'string' ? given : given(), where: 'the default' }] }
}

const absent = ({ type }: Flag): unknown => (type.form === 'list' ? [] : type.form === 'switch' ? false : undefined)

function read(flag: Flag | Setting, { texts }: Given, problems: string[]): unknown {
  const { type } = flag
  const parse = type.form === 'switch' ? parseSwitch : type.parse
  const values = texts.flatMap(({ text, where }) => {
    const parsed = parse(text)
    if (parsed.ok) return [parsed.value]
    problems.push(`${where}${quoted(flag, text)}: ${parsed.error}`)
    return []
  })
  if (type.form === 'list') return values
  return texts.length === 0 ? true : values.at(-1)
}

const longestQuote = 100

function quoted(flag: Flag | Setting, text: string): string {
  if ('secret' in flag && flag.secret !== undefined) return ''
  const shown = flag.type.form !== 'switch' && flag.type.show ? flag.type.show(text) : text
  return shown === '' && text !== '' ? '' : ` "${shown.length > longestQuote ? `${shown.slice(0, longestQuote - 1)}…` : shown}"`
}
