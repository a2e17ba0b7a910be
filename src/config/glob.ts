import { globClass, type GlobDialect } from './glob-class.ts'

/** How many steps one match may take: names and patterns come from untrusted files. */
const mostAlternatives = 64

export const isGlob = (pattern: string): boolean => /[*?[\]{}\\]/.test(pattern)

/**
 * `*` any text, `?` one character, `[a-z]` one of a class, `\` takes the next as it is; of a group's jobs `{a,b}` either,
 * in `passed` neither `*` nor `?` is a slash. Undefined if malformed.
 */
export function matchGlob(pattern: string, name: string, dialect: GlobDialect): boolean | undefined {
  const alternatives = dialect === 'group' ? expandBraces(pattern) : [pattern]
  if (alternatives === undefined) return undefined
  let matched = false
  for (const alternative of alternatives) {
    const parts = compile(alternative, dialect)
    if (parts === undefined) return undefined
    matched ||= matchParts(parts, Array.from(name))
  }
  return matched
}

type Part = { readonly kind: 'any'; readonly fits: (character: string) => boolean } | { readonly kind: 'one'; readonly fits: (character: string) => boolean }

/** `{a,b}c` → `ac`, `bc`. Braces inside of braces are malformed. */
function expandBraces(pattern: string): string[] | undefined {
  let texts = ['']
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]
    if (character === '\\') {
      const pair = pattern.slice(i, i + 2)
      texts = texts.map((text) => text + pair)
      i++
    } else if (character === '{') {
      const end = pattern.indexOf('}', i)
      const inside = pattern.slice(i + 1, end)
      if (end < 0 || inside.includes('{')) return undefined
      const choices = inside.split(',')
      if (texts.length * choices.length > mostAlternatives) return undefined
      texts = texts.flatMap((text) => choices.map((choice) => text + choice))
      i = end
    } else texts = texts.map((text) => text + character)
  }
  return texts
}

function compile(pattern: string, dialect: GlobDialect): Part[] | undefined {
  const wild = dialect === 'group' ? (): boolean => true : (character: string): boolean => character !== '/'
  const parts: Part[] = []
  const characters = Array.from(pattern)
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? ''
    if (character === '*') {
      if (parts.at(-1)?.kind !== 'any') parts.push({ kind: 'any', fits: wild })
    } else if (character === '?') parts.push({ kind: 'one', fits: wild })
    else if (character === '[') {
      const found = globClass(characters, i, dialect)
      if (found === undefined) return undefined
      parts.push({ kind: 'one', fits: found.fits })
      i = found.end
    } else {
      const literal = character === '\\' ? characters[++i] : character
      if (literal === undefined) return undefined
      parts.push({ kind: 'one', fits: (other) => other === literal })
    }
  }
  return parts
}

/** Steps back only to the latest `*`, so the work is at most pattern times name. */
function matchParts(parts: readonly Part[], name: readonly string[]): boolean {
  let at = 0
  let star = -1
  let starName = 0
  let i = 0
  while (i < name.length) {
    const part = parts[at]
    if (part?.kind === 'one' && part.fits(name[i] ?? '')) {
      at++
      i++
    } else if (part?.kind === 'any') {
      star = at++
      starName = i
    } else if (star >= 0 && parts[star]?.fits(name[starName] ?? '') === true) {
      at = star + 1
      i = ++starName
    } else return false
  }
  while (parts[at]?.kind === 'any') at++
  return at === parts.length
}
