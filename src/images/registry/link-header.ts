/** One link of a Link header (RFC 8288). */
export interface Link {
  /** As written: absolute or relative to where the header came from. */
  readonly target: string
  /** Relation types in lower case. */
  readonly rels: readonly string[]
}

const linksRead = 32

/**
 * Reads a Link header; undefined where it is not well formed. Two liberties that registries take are allowed: a target without angle
 * brackets, and relation types that are not in quotes.
 */
export function parseLinks(header: string): readonly Link[] | undefined {
  const links: Link[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(header)
    if (found === null) return undefined
    at = pattern.lastIndex
    return found
  }
  const skip = (): void => void take(/[\s,]*/y)

  for (skip(); at < header.length; skip()) {
    const target = take(/<([^<>]*)>/y)?.[1] ?? take(/[^\s;,<>"]+/y)?.[0]
    if (target === undefined || links.length === linksRead) return undefined
    let rels: readonly string[] | undefined
    while (take(/\s*;\s*/y) !== undefined) {
      const parameter = take(/([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?/y)
      if (parameter === undefined) continue // nothing between two semicolons
      const [, name = '', quoted, bare = ''] = parameter
      // Of several, the first one counts.
      if (name.toLowerCase() === 'rel') rels ??= (quoted?.replaceAll(/\\(.)/g, '$1') ?? bare).toLowerCase().split(/\s+/)
    }
    links.push({ target, rels: (rels ?? []).filter((rel) => rel !== '') })
    if (take(/\s*(?:,|$)/y) === undefined) return undefined
  }
  return links
}
