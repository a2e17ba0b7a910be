import type { Json } from '../model/json.ts'
import { parseBoundedJson, type JsonBounds } from '../lib/bounded-json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { versionsLimit, type MetadataField, type Version } from '../model/version.ts'

/** What a resource's `in` or `out` printed. */
export interface VersionResult {
  readonly version: Version
  readonly metadata: readonly MetadataField[]
}

/** Most that a resource script may print as its response, in bytes. */
export const responseLimit = 4 * 1024 * 1024
const responseBounds: JsonBounds = { items: 2_000_000, depth: 100 }
/** Keys of one version, and fields of metadata. */
const keysLimit = 1000
const fieldsLimit = 10_000

/** Parses the response of `in` or `out`; the message quotes the beginning of what is not one. */
export function parseVersionResult(script: string, response: Uint8Array): Result<VersionResult, string> {
  const json = parse(script, response, 'an object like {"version": {…}, "metadata": […]}')
  if (!json.ok) return json
  const value = json.value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(`${script} printed ${describe(value)} instead of an object like {"version": {…}, "metadata": […]}`)
  }
  const version = asVersion(value['version'] ?? null)
  if (version === undefined) {
    return fail(`${script} printed no "version" of strings${unstorable(value['version'])}${atMost(value['version'], keysLimit)}: ${show(value['version'] ?? null)}`)
  }
  const metadata = asMetadata(value['metadata'] ?? null)
  return metadata === undefined
    ? fail(`${script} printed "metadata" that is not a list of {"name", "value"}${atMost(value['metadata'], fieldsLimit)}: ${show(value['metadata'] ?? null)}`)
    : ok({ version, metadata })
}

/** Parses the response of `check`: versions, oldest first. */
export function parseVersions(script: string, response: Uint8Array): Result<readonly Version[], string> {
  const json = parse(script, response, 'a list of versions like [{"ref": "…"}]')
  if (!json.ok) return json
  if (json.value === null) return ok([])
  if (!Array.isArray(json.value)) return fail(`${script} printed ${describe(json.value)} instead of a list of versions`)
  if (json.value.length > versionsLimit) return fail(`${script} printed ${json.value.length} versions; at most ${versionsLimit} are read. Print those from the version that stdin names on`)
  const versions: Version[] = []
  for (const [index, item] of json.value.entries()) {
    const version = asVersion(item)
    if (version === undefined) return fail(`${script} printed a version that is not a map of strings${unstorable(item)}${atMost(item, keysLimit)}, at index ${index}: ${show(item)}`)
    versions.push(version)
  }
  return ok(versions)
}

function parse(script: string, response: Uint8Array, expected: string): Result<Json, string> {
  const text = new TextDecoder().decode(response)
  if (text.trim() === '') return fail(`${script} printed nothing on stdout; expected ${expected}`)
  const json = parseBoundedJson(Buffer.from(text), responseBounds)
  if (json.ok) return ok(json.value as Json)
  const what = json.error === 'not valid JSON' ? 'something on stdout that is not JSON' : `a response that is not read, since ${json.error}`
  return fail(`${script} printed ${what}: ${excerpt(text)} (expected ${expected}; logs belong on stderr)`)
}

/** Copied into an object without prototype: names such as `__proto__` are only names. */
function asVersion(value: Json): Version | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const version: Record<string, string> = Object.create(null) as Record<string, string>
  const entries = Object.entries(value)
  if (entries.length > keysLimit) return undefined
  for (const [key, field] of entries) {
    if (typeof field !== 'string' || !isStorable(key) || !isStorable(field)) return undefined
    version[key] = field
  }
  return version
}

/** No database holds a NUL, or half of a character that takes two. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

function asMetadata(value: Json): MetadataField[] | undefined {
  if (value === null) return []
  if (!Array.isArray(value) || value.length > fieldsLimit) return undefined
  const fields: MetadataField[] = []
  for (const item of value) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined
    const { name, value: text } = item
    if (typeof name !== 'string' || (typeof text !== 'string' && text !== undefined && text !== null)) return undefined
    fields.push({ name, value: text ?? '' })
  }
  return fields
}

/** Where all are strings, what is wrong with one. */
const unstorable = (value: Json | undefined): string =>
  typeof value === 'object' && value !== null && Object.entries(value).flat().some((text) => typeof text === 'string' && !isStorable(text)) ? ' without NUL or half characters' : ''

/** Where a list or map is too long, how long it may be. */
const atMost = (value: Json | undefined, limit: number): string =>
  typeof value === 'object' && value !== null && Object.keys(value).length > limit ? ` (it has ${Object.keys(value).length}, and at most ${limit} are read)` : ''

function describe(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

/** What cannot be written again (it nests too deep) is only named. */
function show(value: Json): string {
  try {
    return excerpt(JSON.stringify(value))
  } catch {
    return `${describe(value)} that nests too deep`
  }
}

/** At most 200 characters, on one line, control characters shown. */
export function excerpt(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return JSON.stringify(short)
}
