import { isUtf8 } from 'node:buffer'
import { parseBoundedJson } from '../lib/bounded-json.ts'
import type { Json } from '../model/json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Finding } from './finding.ts'
import { objectOf } from './json-object.ts'
import { SourceText } from './source-text.ts'
import { mostDepth, tooBig, type YamlNode } from './yaml/node.ts'
import { parseYaml } from './yaml/parse-yaml.ts'

/** How a file is read as the value of a var: as JSON, as YAML, as text without the white space around it, or as it is. */
export const varFormats = ['json', 'yml', 'yaml', 'trim', 'raw'] as const
export type VarFormat = (typeof varFormats)[number]

const jsonBounds = { items: 200_000, depth: mostDepth }

/** The value that a file has as a var. The error names file and place, and shows nothing of the file, which may hold secrets. */
export function parseVarFile(bytes: Uint8Array, file: string, format: VarFormat): Result<Json, string> {
  switch (format) {
    case 'json':
      return fromJson(bytes, file)
    case 'yml':
    case 'yaml':
      return fromYaml(bytes, file)
    case 'trim':
    case 'raw': {
      if (!isUtf8(bytes)) return fail(`file "${file}" is not text in UTF-8, so that it cannot be the value of a var`)
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
      return ok(format === 'raw' ? text : text.replace(spaceBefore, '').replace(spaceAfter, ''))
    }
  }
}

// As Go's strings.TrimSpace: not U+FEFF, which JavaScript's trim takes away too. The lookbehind keeps the search linear.
const space = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const spaceBefore = new RegExp(`^${space}+`)
const spaceAfter = new RegExp(`(?<!${space})${space}+$`)

function fromJson(bytes: Uint8Array, file: string): Result<Json, string> {
  const bounded = parseBoundedJson(bytes, jsonBounds)
  if (!bounded.ok) return fail(`failed to parse ${file} in format json: ${bounded.error}`)
  const asWritten = (_key: string, value: Json, { source }: { readonly source?: string }): Json =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? source : value
  // Filled into a text, a number must have the digits that the file has: 1.10, 12345678901234567890.
  return ok(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'), asWritten as (key: string, value: unknown) => unknown) as Json)
}

function fromYaml(bytes: Uint8Array, file: string): Result<Json, string> {
  const text = new SourceText(file)
  const { root } = parseYaml(bytes, text, 'file')
  const faults = text.findings.filter(({ severity }) => severity === 'error')
  if (faults.length > 0) return fail(`failed to parse ${file} in format yaml: ${faults.slice(0, 3).map(describe).join('; ')}`)
  if (root === undefined) return ok(null)
  return tooBig(root) ? fail(`failed to parse ${file} in format yaml: its lists and maps are too many or nest too deep`) : ok(withAllDigits(root))
}

/** Without what it quotes of the file. */
const describe = ({ line, column, message }: Finding): string => `${line}:${column}: ${message.includes('`') ? 'this is no YAML' : message}`

/** As toJson; a whole number that a double cannot hold is text. */
function withAllDigits(node: YamlNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.digits ?? node.value
    case 'list':
      return node.items.map(withAllDigits)
    case 'map':
      return objectOf(Array.from(node.entries, ([key, entry]) => [key, withAllDigits(entry.node)] as const))
  }
}
