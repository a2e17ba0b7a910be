import type { Json, JsonObject } from '../../../src/model/json.ts'

/**
 * Instance vars in a query, as Concourse writes them: `vars.a.b=JSON`, a key with `.`, `=` or a space in quotes. What that notation
 * cannot hold (an empty key, a quote in a key, an empty object) is written as `vars=JSON`, which Concourse reads too.
 */
export function formatVars(vars: JsonObject): string[] {
  if (!isPlain(vars)) return [pair('vars', vars)]
  return leaves(vars, 'vars').map(([path, value]) => pair(path, value))
}

const pair = (path: string, value: Json): string => `${encodeURIComponent(path)}=${encodeURIComponent(JSON.stringify(value))}`

function isPlain(vars: JsonObject): boolean {
  return Object.entries(vars).every(([key, value]) => key !== '' && !key.includes('"') && (!isObject(value) || (Object.keys(value).length > 0 && isPlain(value))))
}

function leaves(vars: JsonObject, path: string): [string, Json][] {
  return Object.keys(vars).toSorted().flatMap((key): [string, Json][] => {
    const value = vars[key] as Json
    const at = `${path}.${/[=.\s]/.test(key) ? `"${key}"` : key}`
    return isObject(value) ? leaves(value, at) : [[at, value]]
  })
}

/** The vars of a query, or undefined where it names none. A pair that is not in the notation is left out, as in Concourse. */
export function parseVars(query: string): JsonObject | undefined {
  const vars = Object.create(null) as JsonObject
  for (const part of query.split('&')) {
    if (!/^vars[.=]/.test(part)) continue
    const found = parsePair(decode(part))
    if (found === undefined) continue
    if (found.path.length > 0) set(vars, found.path, found.value)
    else if (isObject(found.value)) for (const [key, value] of Object.entries(found.value)) vars[key] = value
  }
  return Object.keys(vars).length === 0 ? undefined : vars
}

const segment = /\.(?:"([^"]+)"|([^=.\s"][^=.\s]*))/y

function parsePair(text: string): { path: string[]; value: Json } | undefined {
  const path: string[] = []
  segment.lastIndex = 'vars'.length
  let end = segment.lastIndex
  for (let found = segment.exec(text); found !== null; found = segment.exec(text)) {
    path.push(found[1] ?? found[2] ?? '')
    end = segment.lastIndex
  }
  if (text[end] !== '=') return undefined
  try {
    return { path, value: JSON.parse(text.slice(end + 1)) as Json }
  } catch {
    return undefined
  }
}

function set(vars: JsonObject, path: readonly string[], value: Json): void {
  let at = vars
  for (const key of path.slice(0, -1)) {
    const inner = at[key]
    const object = isObject(inner) ? inner : (Object.create(null) as JsonObject)
    at[key] = object
    at = object
  }
  at[path.at(-1) ?? ''] = value
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Percent-decodes; a broken escape stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A pipeline's name with its vars, for people: `pr/number:41,repo:shop`. */
export function shownVars(vars: JsonObject): string {
  return leaves(vars, '').map(([path, value]) => `${path.slice(1)}:${typeof value === 'string' ? value : JSON.stringify(value)}`).join(',')
}
