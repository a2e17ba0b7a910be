import { facts, fields, statuses } from './language.ts'

export interface Names {
  readonly teams: readonly string[]
  readonly groups: readonly string[]
}

/** What may stand at the end of a filter that somebody is writing: whole filters, at most ten. */
export function suggest(text: string, { teams, groups }: Names): string[] {
  const [, before = '', not = '', word = ''] = /^(.*?(?:^|\s))(-?)(\S*)$/.exec(text) ?? []
  const [field, ...rest] = word.split(':')
  const value = rest.join(':').replaceAll('"', '').toLowerCase()
  if (rest.length === 0) return fields.filter((one) => one.startsWith(word.toLowerCase()) && one !== word).map((one) => `${before}${not}${one}:`)
  const values = valuesOf(field?.toLowerCase() ?? '', teams, groups)
  return values.filter((one) => one.toLowerCase().startsWith(value) && one.toLowerCase() !== value).slice(0, 10).map((one) => `${before}${not}${field}:${quoted(one)}`)
}

function valuesOf(field: string, teams: readonly string[], groups: readonly string[]): readonly string[] {
  switch (field) {
    case 'status':
      return statuses
    case 'is':
      return facts
    case 'team':
      return teams
    case 'group':
      return groups
    case 'failing':
      return ['>1h', '>1d', '>7d']
    default:
      return []
  }
}

const quoted = (value: string): string => (/^[\w.<>-]+$/.test(value) ? value : `"${value}"`)
