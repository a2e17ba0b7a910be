import type { Finding } from '../config/finding.ts'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { identifierWarning, unusableName } from '../config/validate/identifier.ts'
import { pipelineText } from '../config/pipeline-text.ts'
import { pipelineToJson } from '../config/wire.ts'
import type { PipelineConfig, VarSourceConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Vars } from '../model/var.ts'
import { checkCredentials } from './check-credentials.ts'
import type { ConfigToSave, PipelineStore, PresentRows, RowChanges, RowChangesError, SaveError } from './ports.ts'
import { namedPath, refusedRows } from './refused-rows.ts'
import { rowChanges } from './row-changes.ts'
import { tellChanges } from './tell-changes.ts'

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
export async function setPipeline(store: Pick<PipelineStore, 'save'>, toSet: PipelineToSet, now: number): Promise<Result<SetPipeline, SetPipelineError>> {
  const checked = await check(toSet)
  if (!checked.ok) return checked
  const { config, value, warnings } = checked.value
  const saved = await store.save(toSet.ref, saveOf(toSet, config, (present) => rowChanges(present, config)), now)
  return saved.ok ? ok({ outcome: saved.value, warnings }) : refused(saved.error, value)
}

/** What setting a config would do, as sentences; nothing is saved. It is refused as setPipeline would refuse it. */
export async function trySetPipeline(
  store: Pick<PipelineStore, 'save' | 'list'>,
  toSet: PipelineToSet,
  now: number,
): Promise<Result<{ readonly changes: readonly string[]; readonly warnings: readonly ConfigWarning[] }, SetPipelineError>> {
  const checked = await check(toSet)
  if (!checked.ok) return checked
  const { config, value, warnings } = checked.value
  let seen: { readonly present: PresentRows; readonly changes: RowChanges } | undefined
  const save = saveOf(toSet, config, (present) => {
    const changes = rowChanges(present, config)
    if (!changes.ok) return changes
    seen = { present, changes: changes.value }
    return fail({ kind: 'dry-run' })
  })
  const tried = await store.save(toSet.ref, save, now)
  if (tried.ok || seen === undefined) return tried.ok ? fail({ kind: 'stale' }) : refused(tried.error, value)
  const { present, changes } = seen
  const gone = new Map(present.jobs.flatMap(({ id, name }) => (changes.jobs.deactivate.includes(id) ? [[id, name] as const] : [])))
  const archived = (await store.list()).filter(({ parent, archived: already }) => parent !== undefined && gone.has(parent.jobId) && !already)
  const told = archived.map((child) => `pipeline ${pipelineText(child)} is archived, since job ${gone.get(child.parent?.jobId ?? 0) ?? ''}, which has set it, goes`)
  return ok({ changes: [...tellChanges(present, changes), ...told], warnings })
}

const saveOf = ({ by, expected }: PipelineToSet, config: PipelineConfig, changes: ConfigToSave['changes']): ConfigToSave => ({
  config: pipelineToJson(config),
  changes,
  by,
  initially: 'paused',
  ...(expected !== undefined && { expected }),
})

interface CheckedConfig {
  readonly config: PipelineConfig
  readonly value: Json
  readonly warnings: readonly ConfigWarning[]
}

async function check({ ref, source, checkedVars }: PipelineToSet): Promise<Result<CheckedConfig, SetPipelineError>> {
  const unusable = unusableName(ref.name)
  if (unusable !== undefined) return fail({ kind: 'invalid', errors: [`pipeline: ${unusable}`] })
  const { config, findings, filledIn } = parsePipeline(source, { file: 'config' })
  const value = filledIn?.() ?? null
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (config === undefined || errors.length > 0) return fail({ kind: 'invalid', errors: errors.map((finding) => described(finding, value)) })
  const missing = checkedVars === undefined ? [] : await checkCredentials(config, checkedVars(config.var_sources ?? []))
  if (missing.length > 0) return fail({ kind: 'invalid', errors: [`credential validation failed\n\n${missing.join('\n')}`] })
  const warnings = findings.map((finding) => ({ type: finding.kind === 'invalid-identifier' ? 'invalid_identifier' : finding.kind, message: described(finding, value) }))
  return ok({ config, value, warnings: [...nameWarnings(ref), ...warnings] })
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
    case 'dry-run':
      throw new Error('a config that was only tried has no error')
  }
}

function nameWarnings({ name }: PipelineRef): ConfigWarning[] {
  const fault = identifierWarning(name)
  return fault === undefined ? [] : [{ type: 'invalid_identifier', message: `pipeline: ${fault}` }]
}

/**
 * fly writes the YAML anew before it sends it, so lines mean nothing to its user: `jobs.unit.plan[0].get: …` does. Text that is no YAML has no
 * such places, and fly does not send it: its lines are those that somebody wrote.
 */
function described({ kind, path, line, column, message, hint }: Finding, value: Json): string {
  const place = path !== '' ? `${namedPath(path, value)}: ` : kind === 'yaml' ? `line ${line}, column ${column}: ` : ''
  return `${place}${message}${hint === undefined ? '' : ` (${hint})`}`
}
