import type { Json } from '../model/json.ts'
import type { TaskConfig } from '../model/config.ts'
import { Context, rootPlace } from './decode/context.ts'
import { taskConfig } from './decode/task.ts'
import { isObject } from './json-object.ts'
import { sortFindings, type Finding } from './finding.ts'
import type { ParseOptions } from './parse-pipeline.ts'
import { SourceText } from './source-text.ts'
import { interpolateTree } from './vars/tree-vars.ts'
import { fromJson, tooBig, type YamlNode } from './yaml/node.ts'
import { parseYaml } from './yaml/parse-yaml.ts'

export interface ParsedTask {
  /** Given unless a finding is an error. */
  readonly config?: TaskConfig
  readonly findings: readonly Finding[]
  readonly secrets: ReadonlySet<string>
}

/** A task file as its config. Never throws. */
export function parseTask(source: string | Uint8Array, options: ParseOptions): ParsedTask {
  const text = new SourceText(options.file)
  const { root: written } = parseYaml(source, text, 'file')
  if (written === undefined) {
    if (!text.failed) text.add({ kind: 'missing', message: 'the file is empty', start: 0, hint: 'a task has at least `platform` and an image' })
    return { findings: sortFindings(text.findings), secrets: new Set() }
  }
  const { root, secrets } = options.vars === undefined ? { root: written, secrets: new Set<string>() } : interpolateTree(written, options.vars, text)
  return { ...decode(root, text), secrets }
}

/** Whether a file's value is meant as a task, not as a pipeline. */
export function isTaskFile(value: Json): boolean {
  if (!isObject(value)) return false
  return ['platform', 'run', 'image_resource'].some((key) => key in value) && !['jobs', 'resources'].some((key) => key in value)
}

/** A value as a task config: one whose vars were filled in while it ran, or one that came over HTTP. */
export function decodeTask(value: Json, options: { readonly file: string }): Omit<ParsedTask, 'secrets'> {
  const text = new SourceText(options.file)
  const root = fromJson(value, { start: 0, end: 0 })
  if (tooBig(root)) {
    text.add({ kind: 'too-large', message: 'the task config is too large', start: 0 })
    return { findings: text.findings }
  }
  return decode(root, text)
}

function decode(root: YamlNode, text: SourceText): Omit<ParsedTask, 'secrets'> {
  const config = taskConfig(new Context(text, 'text'), rootPlace(root))
  const findings = sortFindings(text.findings)
  return { ...(config !== undefined && !text.failed && { config }), findings }
}
