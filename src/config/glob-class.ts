/** Where a pattern stands: Concourse matches jobs of a group with one library and jobs in `passed` with another. */
export type GlobDialect = 'group' | 'passed'

export interface GlobClass {
  readonly fits: (character: string) => boolean
  /** Index of the closing bracket. */
  readonly end: number
}

/** The class whose bracket opens at `open`; undefined if it is malformed. */
export function globClass(characters: readonly string[], open: number, dialect: GlobDialect): GlobClass | undefined {
  return dialect === 'group' ? groupClass(characters, open) : passedClass(characters, open)
}

/** `[abc]` or `[a-z]`, but not both in one; `!` negates and `^` is a character like any other. */
function groupClass(characters: readonly string[], open: number): GlobClass | undefined {
  const negated = characters[open + 1] === '!'
  const from = open + (negated ? 2 : 1)
  const low = characters[from]
  if (low === undefined) return undefined
  if (characters[from + 1] === '-') {
    const high = characters[from + 2]
    if (high === undefined || high < low || characters[from + 3] !== ']') return undefined
    return { fits: (character) => (character >= low && character <= high) !== negated, end: from + 3 }
  }
  const members = new Set<string>()
  for (let i = from; i < characters.length; i++) {
    if (characters[i] === ']') return members.size === 0 ? undefined : { fits: (character) => members.has(character) !== negated, end: i }
    if (characters[i] === '\\') i++
    const member = characters[i]
    if (member !== undefined) members.add(member)
  }
  return undefined
}

/** Characters and ranges in any number; `^` negates. */
function passedClass(characters: readonly string[], open: number): GlobClass | undefined {
  const negated = characters[open + 1] === '^'
  const ranges: [string, string][] = []
  let at = open + (negated ? 2 : 1)
  const member = (): string | undefined => {
    const first = characters[at]
    if (first === undefined || first === '-' || first === ']') return undefined
    if (first === '\\') at++
    return characters[at++]
  }
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = member()
    if (low === undefined) return undefined
    let high: string | undefined = low
    if (characters[at] === '-') {
      at++
      high = member()
      if (high === undefined) return undefined
    }
    ranges.push([low, high])
  }
  return { fits: (character) => ranges.some(([low, high]) => character >= low && character <= high) !== negated, end: at }
}
