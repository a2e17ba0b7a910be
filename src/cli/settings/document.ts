import { groups, variableOf, type Setting } from './setting.ts'
import { concourseOf } from './sources.ts'
import { settings } from './table.ts'
import { inWords } from './types.ts'

const introduction = `# Settings

<!-- Written from src/cli/settings by \`UPDATE_GOLDENS=1 npm test -- settings/document\`: edit it there. -->

Each setting can be given in several places. The first of these that has it counts, lists as a whole:

1. the flag, \`--image-registry registry.example/ci\`;
2. the variable \`AIRSIDE_IMAGE_REGISTRY\`, an empty one counting as none;
3. a file that \`AIRSIDE_IMAGE_REGISTRY_FILE\` names, which holds the value and nothing else (at most 64 KiB);
4. the file of settings that \`--config\` or \`AIRSIDE_CONFIG\` names;
5. for settings that have one below, the variable of Concourse's web node that means the same.

A switch is \`true\` or \`false\`; as a flag \`--keep\` or \`--no-keep\`. A list is a flag given several times, one entry a line in the environment,
and a list in a file, where a list of \`NAME=VALUE\` may be a map. Durations are written as \`90s\`, \`10m\` or \`1h30m\`.
Secrets belong into a file or a variable: a flag shows them to every user of the machine, and a warning says so.

A file of settings is YAML of at most 1 MiB. One file serves all commands; each takes what it knows. A name that no command knows is an error, with its line:

\`\`\`yaml
runtime: kubernetes
namespace: ci
image-registry: registry.example/ci
keep-for: 2h
base-resource-type:
  git: registry.example/git-resource:1
\`\`\`

\`airside settings\` lists them all, \`airside settings NAME\` explains one.
`

/** The text of docs/settings.md. @testonly */
export function settingsDocument(): string {
  const parts = groups.map((group) => {
    const own = Object.entries<Setting>(settings).filter(([, setting]) => setting.group === group)
    return own.length === 0 ? '' : `\n## ${group}\n${own.map(([name, setting]) => section(name, setting)).join('')}`
  })
  return introduction + parts.join('')
}

function section(name: string, setting: Setting): string {
  const facts = factsOf(setting).map(([what, value]) => `- ${what}: ${value}\n`)
  return `\n### \`${name}\`\n${sentences(setting)}\n\n${facts.join('')}`
}

/** Summary and details as sentences. The summary of a switch that is on by itself says what `--no-…` does. */
function sentences({ summary, details = '', default: given }: Setting): string {
  const first = given === 'true' ? '' : `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`
  return `${first} ${details}`.trim()
}

/** What is to be said of one setting besides its description, for the document and `airside settings NAME`. */
export function factsOf(setting: Setting): readonly (readonly [string, string])[] {
  const { type, otherwise, default: given, runtime, commands, secret } = setting
  const { names } = concourseOf(setting)
  const byDefault = otherwise ?? (typeof given === 'string' ? `\`${given}\`` : type.form === 'switch' ? '`false`' : undefined)
  return [
    ['value', valueWords(setting)],
    ...(byDefault === undefined ? [] : [['default', byDefault] as const]),
    ...(runtime === undefined ? [] : [['with', `\`--runtime ${runtime}\``] as const]),
    ['commands', inWords(commands.map((command) => `\`${command}\``)).replace(' or ', ' and ')],
    ...(names.length === 0 ? [] : [['Concourse', names.map((name) => `\`${name}\``).join(', ')] as const]),
    ...(secret === undefined ? [] : [['secret', 'never shown'] as const]),
  ]
}

function valueWords({ type }: Setting): string {
  if (type.form === 'switch') return '`true` or `false`'
  if (type.form === 'one' && type.choices !== undefined) return inWords(type.choices.map((word) => `\`${word}\``))
  return `\`${type.placeholder}\`${type.form === 'list' ? ', several' : ''}`
}

/** `airside settings` */
export function settingsList(): string {
  const lines = groups.flatMap((group) => {
    const own = Object.entries<Setting>(settings).filter(([, setting]) => setting.group === group)
    return own.length === 0 ? [] : ['', `${group}:`, ...own.map(([name, setting]) => `  ${name.padEnd(26)} ${sentences(setting).split(/\.(?: |$)/)[0] ?? ''}`)]
  })
  return lines.slice(1).join('\n')
}

/** `airside settings NAME` */
export function settingText(name: string, setting: Setting): string {
  const plain = (text: string) => text.replaceAll('`', '')
  const { type } = setting
  const flag = type.form === 'switch' ? `--${name}, --no-${name}` : `--${name} ${type.placeholder}`
  const variables = name === 'config' ? variableOf(name) : `${variableOf(name)}, ${variableOf(name)}_FILE`
  const facts = [['flag', flag] as const, ['environment', variables] as const, ...factsOf(setting)]
  return [name, '', plain(sentences(setting)), '', ...facts.map(([what, value]) => `  ${`${what}:`.padEnd(13)}${plain(value)}`)].join('\n')
}
