import type { Json } from '../../../model/json.ts'
import { SourceText } from '../../source-text.ts'
import type { Dialect } from '../map-builder.ts'
import { toJson } from '../node.ts'
import { parseYaml } from '../parse-yaml.ts'

/** A YAML text's value, and what there is to say about it: `error 2:1 …`. */
export function read(source: string, dialect: Dialect = 'pipeline'): { value: Json | undefined; remarks: string[] } {
  const text = new SourceText('f.yml')
  const { root } = parseYaml(source, text, dialect)
  return {
    value: root === undefined ? undefined : toJson(root),
    remarks: text.findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`),
  }
}
