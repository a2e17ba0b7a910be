const lower = String.raw`\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d`
const bad = new RegExp(`[^${lower}_.-]`, 'u')
const start = new RegExp(`^[${lower}]`, 'u')

/** Why Concourse warns of a name, or undefined where it does not. */
export function identifierFault(name: string): string | undefined {
  if (/^\d+$/.test(name)) return 'it is just numbers'
  if (!start.test(name)) return 'it should start with a lowercase letter or a number'
  const character = bad.exec(name)?.[0]
  return character === undefined ? undefined : `it should not contain ${character === ' ' ? 'a space' : `'${character}'`}`
}
