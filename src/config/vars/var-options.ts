import type { Json, JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { sortFindings, type Finding } from '../finding.ts'
import { getKey, isObject, setKey } from '../json-object.ts'
import { quote } from '../quote.ts'
import { SourceText } from '../source-text.ts'
import { toJson } from '../yaml/node.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import { firstOf, staticVars, type Lookup } from './lookup.ts'
import { parseReference } from './reference.ts'

/** Vars as they are given on a command line. */
export interface VarOptions {
  /** `--var name=value`: the value is text. The name may lead into maps: `a.b=c`. */
  readonly vars?: readonly string[]
  /** `--yaml-var name=value`: the value is YAML. */
  readonly yamlVars?: readonly string[]
  /** `--load-vars-from FILE`, already read; a later file goes before an earlier one, and options before all files. */
  readonly files?: readonly { readonly file: string; readonly text: string | Uint8Array }[]
}

export interface LoadedVars {
  readonly lookup: Lookup
  /** Errors: options that are no `name=value`, files that are no vars. With any, the lookup is not to be used. */
  readonly findings: readonly Finding[]
  /** What may be read otherwise than it was meant, e.g. a key `on`. */
  readonly warnings: readonly Finding[]
}

export function loadVars(options: VarOptions): LoadedVars {
  const findings: Finding[] = []
  const given: JsonObject = {}
  const set = (option: string, pair: string, read: (value: string) => Result<Json, string>): void => {
    const fault = setPair(given, pair, read)
    if (fault === undefined) return
    findings.push({ severity: 'error', kind: 'invalid-var', message: fault, file: option, line: 1, column: 1, path: '' })
  }
  for (const pair of options.vars ?? []) set('--var', pair, ok)
  for (const pair of options.yamlVars ?? []) set('--yaml-var', pair, yamlValue)
  const files = (options.files ?? []).map(({ file, text }) => {
    const loaded = varsFile(file, text)
    findings.push(...loaded.findings)
    return staticVars(loaded.vars)
  })
  const sorted = sortFindings(findings)
  return {
    lookup: firstOf(staticVars(given, { numbersAsText: true }), ...files.reverse()),
    findings: sorted.filter((finding) => finding.severity === 'error'),
    warnings: sorted.filter((finding) => finding.severity === 'warning'),
  }
}

/** `name=YAML` each, the name may lead into maps, as one map. */
export function parsePairs(pairs: readonly string[]): Result<JsonObject, string> {
  const given: JsonObject = {}
  for (const pair of pairs) {
    const fault = setPair(given, pair, yamlValue)
    if (fault !== undefined) return fail(fault)
  }
  return ok(given)
}

function setPair(into: JsonObject, pair: string, read: (value: string) => Result<Json, string>): string | undefined {
  const equals = pair.indexOf('=')
  // The value may be a secret, so it is not repeated.
  if (equals < 0) return 'an option is no `name=value`'
  const name = pair.slice(0, equals)
  const reference = parseReference(name)
  if (!reference.ok) return `invalid var ${quote(name)}: ${reference.error.reason}`
  const value = read(pair.slice(equals + 1))
  if (!value.ok) return `the value of ${quote(name)} ${value.error}`
  let at = into
  const keys = [reference.value.path, ...reference.value.fields]
  for (const key of keys.slice(0, -1)) {
    const inside = getKey(at, key)
    const next = isObject(inside) ? inside : {}
    setKey(at, key, next)
    at = next
  }
  setKey(at, keys.at(-1) ?? '', value.value)
  return undefined
}

function yamlValue(source: string): Result<Json, string> {
  const text = new SourceText('--yaml-var')
  const { root } = parseYaml(source, text, 'file')
  const [fault] = text.findings.filter((finding) => finding.severity === 'error')
  if (fault !== undefined) return fail(`is no YAML: ${fault.message}`)
  return ok(root === undefined ? null : toJson(root))
}

function varsFile(file: string, source: string | Uint8Array): { vars: JsonObject; findings: readonly Finding[] } {
  const text = new SourceText(file)
  const { root } = parseYaml(source, text, 'file')
  if (root !== undefined && root.kind !== 'map') {
    text.add({ kind: 'wrong-type', message: 'a file of vars is a map of names to values', start: root.start })
  }
  return { vars: root?.kind === 'map' ? (toJson(root) as JsonObject) : {}, findings: text.findings }
}
