const lower = String.raw`\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d`
const bad = new RegExp(`[^${lower}_.-]`, 'u')
const start = new RegExp(`^[${lower}]`, 'u')

/** Of a pipeline or a team: no path of the API takes a longer one. */
export const longestName = 1024

/** Why a pipeline or a team cannot have the name: nobody could name it afterwards, to use or to destroy it. */
export function unusableName(name: string): string | undefined {
  if (name === '') return 'name is empty'
  if (name.length > longestName) return `name is longer than ${longestName} characters`
  return name.includes('\0') || !name.isWellFormed() ? 'name is not Unicode without NUL' : undefined
}

/** Why Concourse warns of a name, in its words; undefined where it does not. */
export function identifierWarning(name: string): string | undefined {
  const fault = identifierFault(name)
  return fault === undefined ? undefined : `'${name}' is not a valid identifier: ${fault}`
}

/** Why Concourse warns of a name, or undefined where it does not. */
export function identifierFault(name: string): string | undefined {
  if (/^\d+$/.test(name)) return 'cannot be just numbers'
  if (!start.test(name)) return 'must start with a lowercase letter or a number'
  const character = bad.exec(name)?.[0]
  return character === undefined ? undefined : `illegal character '${character}'`
}
