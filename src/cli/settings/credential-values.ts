import { isAbsolute, resolve } from 'node:path'
import { isRegion } from '../../app/options.ts'
import { SourceText } from '../../config/source-text.ts'
import { toJson } from '../../config/yaml/node.ts'
import { parseYaml } from '../../config/yaml/parse-yaml.ts'
import type { Json } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** Reads `NAME=VALUE`, the value as YAML. The error does not repeat it. */
export function parseDummyVar(text: string): Result<readonly [string, Json], string> {
  const equals = text.indexOf('=')
  if (equals <= 0) return fail('write it as NAME=VALUE, TEAM/NAME=VALUE or TEAM/PIPELINE/NAME=VALUE')
  const source = new SourceText('')
  const { root } = parseYaml(text.slice(equals + 1), source, 'file')
  if (source.findings.some(({ severity }) => severity === 'error')) return fail(`the value of ${text.slice(0, equals)} is no YAML`)
  return ok([text.slice(0, equals), root === undefined ? null : toJson(root)])
}

/** What stands behind the `=`, and each text inside it. */
export function valueOfPair(pair: string): readonly string[] {
  const value = pair.slice(pair.indexOf('=') + 1)
  const parsed = parseDummyVar(`x=${value}`)
  return [value, ...(parsed.ok ? textsIn(parsed.value[1]) : [])]
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

export function parseDirectory(text: string): Result<string, string> {
  return isAbsolute(text) ? ok(resolve(text)) : fail('write the whole path, from / on')
}

export type OpenToVarSources = { readonly kind: 'files'; readonly directory: string } | { readonly kind: 'environment'; readonly prefix: string } | { readonly kind: 'aws' }

export function parseVarSourceAccess(text: string): Result<OpenToVarSources, string> {
  if (text === 'aws') return ok({ kind: 'aws' })
  const [, kind, value = ''] = /^(files|environment):(.+)$/.exec(text) ?? []
  if (kind === 'environment') return ok({ kind, prefix: value })
  if (kind !== 'files') return fail('write files:DIR, environment:PREFIX or aws')
  const directory = parseDirectory(value)
  return directory.ok ? ok({ kind, directory: directory.value }) : directory
}

/** Reads `NAME:VALUE`, or NAME=VALUE. The error does not repeat the value. */
export function parseParam(text: string): Result<readonly [string, string], string> {
  const at = text.search(/[:=]/)
  return at > 0 ? ok([text.slice(0, at), text.slice(at + 1)]) : fail('write it as NAME:VALUE')
}

export const valueOfParam = (text: string): readonly string[] => [text.slice(text.search(/[:=]/) + 1)]

export function parseTemplate(text: string): Result<string, string> {
  const rest = text.replaceAll(/\{\{-?\s*\.(?:Team|Pipeline|Secret)\s*-?\}\}/g, '')
  return text !== '' && !rest.includes('{{') ? ok(text) : fail('it can hold {{.Team}}, {{.Pipeline}} and {{.Secret}}')
}

export const parseRegion = (text: string): Result<string, string> => (isRegion(text) ? ok(text) : fail('write a region, such as eu-west-1'))
