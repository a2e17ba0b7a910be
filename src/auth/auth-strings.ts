import type { Person } from './ports.ts'

/** Names are compared without regard to case: fly writes those of team auth in lower case. */
export const folded = (text: string): string => text.toLowerCase()

/** The entries of team auth that mean a person. */
export interface AuthStrings {
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

/** A name that belonged to another subject before means nobody: names change hands, subjects do not. */
export function authStrings({ connector, subject, name, nameIsTheirs, groups }: Pick<Person, 'connector' | 'subject' | 'name' | 'nameIsTheirs' | 'groups'>): AuthStrings {
  const entry = (text: string) => folded(`${connector}:${text}`)
  const users = [subject, ...(nameIsTheirs ? [name] : [])].filter((text) => text !== '')
  return { users: [...new Set(users.map(entry))], groups: [...new Set(groups.filter((text) => text !== '').map(entry))] }
}
