import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Finding } from '../../config/finding.ts'
import { nearMiss } from '../../config/near-miss.ts'
import { quote } from '../../config/quote.ts'
import { SourceText } from '../../config/source-text.ts'
import { toJson, tooBig, type YamlNode } from '../../config/yaml/node.ts'
import { parseYaml } from '../../config/yaml/parse-yaml.ts'
import { messageOf } from '../../lib/errors.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Setting } from './setting.ts'
import type { Given, Source } from './sources.ts'
import { settings } from './table.ts'

const longestConfig = 1024 * 1024
const mostFindings = 20

/** A file of settings, or what is wrong with it as a whole: all of it, one finding a line. */
export function configFile(file: string): Result<{ readonly source: Source; readonly warnings: readonly string[] }, string> {
  const bytes = readBounded(file)
  if (!bytes.ok) return bytes
  const text = new SourceText(file)
  const { root } = parseYaml(bytes.value, text, 'pipeline')
  const nothing = root === undefined || (root.kind === 'scalar' && root.value === null)
  if (!nothing && root.kind !== 'map') text.add({ kind: 'wrong-type', message: 'a file of settings is a map', start: root.start, hint: 'write `name: value` lines' })
  const entries = root?.kind === 'map' ? root.entries : new Map<string, { keyStart: number; node: YamlNode }>()
  for (const [key, { keyStart }] of entries) {
    if (key === 'config') text.add({ kind: 'unknown-key', message: 'a file of settings cannot name another one', start: keyStart })
    else if (!Object.hasOwn(settings, key)) text.add({ kind: 'unknown-key', message: `there is no setting ${quote(key)}`, start: keyStart, hint: text.guess(key, () => didYouMean(key)) })
  }
  if (text.failed) return fail(shown(text.findings.filter(({ severity }) => severity === 'error')).join('\n'))
  const source: Source = {
    kind: 'config',
    find(name, setting) {
      const entry = entries.get(name)
      return entry === undefined ? ok(undefined) : givenBy(entry.node, setting, (start) => `${file}:${text.position(start).line}: ${name}`)
    },
  }
  return ok({ source, warnings: shown(text.findings) })
}

function didYouMean(key: string): string | undefined {
  const near = nearMiss(key, Object.keys(settings))
  return near === undefined ? undefined : `did you mean ${quote(near)}?`
}

/** Without the lines of the file: they may hold secrets. */
function shown(findings: readonly Finding[]): string[] {
  const lines = findings.slice(0, mostFindings).map(({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint === undefined ? '' : `; ${hint}`}`)
  return findings.length > mostFindings ? [...lines, `and ${findings.length - mostFindings} more`] : lines
}

function readBounded(file: string): Result<Uint8Array, string> {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const info = fstatSync(handle)
    if (!info.isFile()) return fail(`${file} is not a file; name the YAML file of settings`)
    if (info.size > longestConfig) return fail(`${file} has ${info.size} bytes; a file of settings may have ${longestConfig}`)
    return ok(readFileSync(handle))
  } catch (error) {
    return fail(`cannot read the file of settings: ${messageOf(error)}`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function givenBy(node: YamlNode, { type }: Setting, where: (start: number) => string): Result<Given | undefined, string> {
  const wrong = (start: number, what: string) => fail(`${where(start)}: ${what}`)
  const one = (child: YamlNode, before = '') =>
    child.kind === 'scalar' ? { text: `${before}${child.digits ?? child.source ?? String(child.value)}`, where: where(child.start) } : undefined
  if (node.kind === 'scalar') {
    const text = node.value === null ? undefined : one(node)
    return ok(text === undefined || text.text === '' ? undefined : { texts: [text] })
  }
  if (type.form !== 'list') return wrong(node.start, 'write a single value, neither a list nor a map')
  if (node.kind === 'list') {
    const texts = node.items.map((item) => one(item))
    const [bad] = node.items.filter((item) => item.kind !== 'scalar')
    return bad === undefined ? ok({ texts: texts.filter((text) => text !== undefined) }) : wrong(bad.start, `write each entry as text: ${type.placeholder}`)
  }
  if (type.pairs === undefined) return wrong(node.start, `write a list of ${type.placeholder}`)
  return ok({
    texts: Array.from(node.entries, ([key, { node: value }]) => {
      if (value.kind === 'scalar' && value.value === null) return { text: key, where: where(value.start) }
      return one(value, `${key}=`) ?? { text: `${key}=${tooBig(value) ? '' : JSON.stringify(toJson(value))}`, where: where(value.start) }
    }),
  })
}
