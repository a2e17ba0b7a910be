import type { Json } from '../model/json.ts'
import type { PipelineConfig } from '../model/config.ts'
import { Context, rootPlace } from './decode/context.ts'
import { pipeline } from './decode/pipeline.ts'
import { sortFindings, type Finding } from './finding.ts'
import { positionsOf, type Positions } from './positions.ts'
import { SourceText } from './source-text.ts'
import { validatePipeline } from './validate/pipeline.ts'
import type { Lookup } from './vars/lookup.ts'
import { interpolateTree } from './vars/tree-vars.ts'
import { toJson } from './yaml/node.ts'
import { parseYaml } from './yaml/parse-yaml.ts'

export interface ParseOptions {
  /** Name of the file, for the findings. */
  readonly file: string
  /** Vars to fill in before anything else is looked at, as fly does. Those it does not know stay as they are written. */
  readonly vars?: Lookup
}

export interface PipelineOptions extends ParseOptions {
  /** Base resource types; given, a type that is neither one of them nor defined is an error. */
  readonly baseTypes?: Iterable<string>
}

export interface ParsedPipeline {
  /** Given unless a finding is an error. */
  readonly config?: PipelineConfig
  /** Everything there is to say, in the order of the file. */
  readonly findings: readonly Finding[]
  readonly positions: Positions
  /** The file's value with its vars filled in; none where the text is empty, broken or too large. */
  readonly filledIn?: () => Json
  /** Texts that came from vars which the lookup calls secret. */
  readonly secrets: ReadonlySet<string>
}

/** A pipeline's YAML as its config, checked as Concourse checks it and a little more. Never throws. */
export function parsePipeline(source: string | Uint8Array, options: PipelineOptions): ParsedPipeline {
  const text = new SourceText(options.file)
  const { root: written, anchors } = parseYaml(source, text, 'pipeline')
  if (written === undefined) {
    if (!text.failed) text.add({ kind: 'missing', message: 'the file is empty', start: 0, hint: 'a pipeline has at least `jobs:`' })
    return { findings: sortFindings(text.findings), positions: positionsOf(undefined, text), secrets: new Set() }
  }
  const { root, secrets } = options.vars === undefined ? { root: written, secrets: new Set<string>() } : interpolateTree(written, options.vars, text)
  const context = new Context(text, 'text')
  const config = pipeline(context, rootPlace(root), anchors)
  if (config !== undefined) validatePipeline(context, config, options.baseTypes === undefined ? undefined : new Set(options.baseTypes))
  const findings = sortFindings(text.findings)
  return { ...(config !== undefined && !text.failed && { config }), findings, positions: positionsOf(root, text), filledIn: () => toJson(root), secrets }
}
