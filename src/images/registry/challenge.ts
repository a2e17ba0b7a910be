/** One challenge of a WWW-Authenticate header; parameter names in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly params: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=\s*(?:,|$))/y

/** Reads RFC 9110 challenges, several in one header too; what is not well formed ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(header)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skip = (): void => void take(/[\s,]*/y)

  for (skip(); at < header.length && challenges.length < 16; skip()) {
    const scheme = take(token)
    if (scheme === undefined) break
    const params: Record<string, string> = Object.create(null) as Record<string, string>
    challenges.push({ scheme: scheme.toLowerCase(), params })
    for (skip(); at < header.length; skip()) {
      const before = at
      if (Object.keys(params).length === 0 && take(token68) !== undefined && header[at] !== '=') continue
      at = before
      const name = take(token)
      if (name === undefined) break
      if (take(/\s*=\s*/y) === undefined) {
        at = before // the next challenge's scheme
        break
      }
      const quoted = take(/"(?:[^"\\]|\\.)*"/y)
      const value = quoted === undefined ? take(/[^\s,"]+/y) : quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1')
      if (value === undefined) return challenges
      params[name.toLowerCase()] = value
    }
  }
  return challenges
}
