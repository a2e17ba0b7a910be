import type { Finding } from '../config/finding.ts'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { identifierFault } from '../config/validate/identifier.ts'
import { pipelineToJson } from '../config/wire.ts'
import type { VarSourceConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Vars } from '../model/var.ts'
import { checkCredentials } from './check-credentials.ts'
import type { PipelineStore, RowChangesError, SaveError } from './ports.ts'
import { namedPath, refusedRows } from './refused-rows.ts'
import { rowChanges } from './row-changes.ts'

export interface PipelineToSet {
  readonly ref: PipelineRef
  /** YAML or JSON. */
  readonly source: Uint8Array
  /** The version that the caller started from; absent: it knew of none. */
  readonly expected?: number
  readonly by: string
  /** Its vars are looked up, and it is refused when one is not there; absent: they are not. */
  readonly checkedVars?: (sources: readonly VarSourceConfig[]) => Vars
}

export interface SetPipeline {
  readonly outcome: 'created' | 'updated'
  readonly warnings: readonly ConfigWarning[]
}

/** As fly shows them (Concourse: atc.ConfigWarning). */
export interface ConfigWarning {
  readonly type: string
  readonly message: string
}

export type SetPipelineError = Exclude<SaveError, RowChangesError> | { readonly kind: 'invalid'; readonly errors: readonly string[] }

/** Checks a config and makes it the pipeline's. */
export async function setPipeline(store: Pick<PipelineStore, 'save'>, { ref, source, expected, by, checkedVars }: PipelineToSet, now: number): Promise<Result<SetPipeline, SetPipelineError>> {
  const { config, findings, filledIn } = parsePipeline(source, { file: 'config' })
  const value = filledIn?.() ?? null
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (config === undefined || errors.length > 0) return fail({ kind: 'invalid', errors: errors.map((finding) => described(finding, value)) })
  const missing = checkedVars === undefined ? [] : await checkCredentials(config, checkedVars(config.var_sources ?? []))
  if (missing.length > 0) return fail({ kind: 'invalid', errors: [`credential validation failed\n\n${missing.join('\n')}`] })
  const saved = await store.save(
    ref,
    { config: pipelineToJson(config), changes: (present) => rowChanges(present, config), by, initially: 'paused', ...(expected !== undefined && { expected }) },
    now,
  )
  if (!saved.ok) return refused(saved.error, value)
  const warnings = findings.map((finding) => ({ type: finding.kind === 'invalid-identifier' ? 'invalid_identifier' : finding.kind, message: described(finding, value) }))
  return ok({ outcome: saved.value, warnings: [...nameWarnings(ref), ...warnings] })
}

function refused(error: SaveError, value: Json): Result<never, SetPipelineError> {
  switch (error.kind) {
    case 'swapped':
    case 'unstorable':
      return fail({ kind: 'invalid', errors: [refusedRows(error, value)] })
    case 'no-team':
    case 'stale':
    case 'newer-build':
      return fail(error)
  }
}

function nameWarnings({ name }: PipelineRef): ConfigWarning[] {
  const fault = identifierFault(name)
  return fault === undefined ? [] : [{ type: 'invalid_identifier', message: `pipeline: ${JSON.stringify(name)} is not a valid identifier: ${fault}` }]
}

/** fly writes the YAML anew before it sends it, so lines mean nothing to its user: `jobs.unit.plan[0].get: …` does. */
function described({ path, message, hint }: Finding, value: Json): string {
  const place = path === '' ? '' : `${namedPath(path, value)}: `
  return `${place}${message}${hint === undefined ? '' : ` (${hint})`}`
}
