import type { Finding } from '../config/finding.ts'
import { configDiff } from '../config/config-diff.ts'
import { parseVarFile } from '../config/parse-var-file.ts'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { unusableName } from '../config/validate/identifier.ts'
import { isObject } from '../config/json-object.ts'
import { pipelineText } from '../config/pipeline-text.ts'
import { firstOf, staticVars } from '../config/vars/lookup.ts'
import { pipelineToJson } from '../config/wire.ts'
import type { Clock } from '../lib/clock.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { JsonObject } from '../model/json.ts'
import type { Pipeline, PipelineParent, PipelineRef } from '../model/pipeline.ts'
import { noVerdictText, notAllowedText, type PolicyChecks } from '../model/policy.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { PipelineFromStep, PipelineSetByStep, SettingStep } from '../model/set-pipeline.ts'
import type { PipelineStore, SaveError, TeamRights } from './ports.ts'
import { refusedRows } from './refused-rows.ts'
import { rowChanges } from './row-changes.ts'

/** How often a pipeline that somebody else sets at the same time is compared anew. */
const mostTurns = 10

/** Sets pipelines for set_pipeline steps. */
export class PipelinesOfSteps {
  readonly #pipelines: PipelineStore
  readonly #teams: TeamRights
  readonly #clock: Clock
  readonly #policy: PolicyChecks | undefined

  constructor(pipelines: PipelineStore, teams: TeamRights, clock: Clock, policy?: PolicyChecks) {
    this.#policy = policy
    this.#pipelines = pipelines
    this.#teams = teams
    this.#clock = clock
  }

  async set(request: PipelineFromStep): Promise<PipelineSetByStep> {
    const { by } = request
    if (by.pipelineId === undefined || by.jobId === undefined) return refused('only a build of a job can set pipelines: this build has no job that would be their parent')
    const own = await this.#pipelines.get(by.pipelineId)
    const ref = refOf(request, own)
    const allowed = await this.#allowed(by.team, ref.team)
    if (!allowed.ok) return refused(allowed.error)
    const read = readConfig(request, ref)
    if (read.kind === 'invalid') return read
    const { config, warnings } = read
    const pipeline = pipelineText(ref)
    if (own === undefined) return { kind: 'no-server', pipeline, warnings }
    const parent = { jobId: by.jobId, buildId: by.buildId, planId: by.planId }
    for (let turn = 0; turn < mostTurns; turn++) {
      const done = await this.#compareAndSet({ ref, config, parent, by })
      if (done === 'stale') continue
      if (done.kind === 'refused' || done.kind === 'invalid') return done
      if (done.kind !== 'set' || done.policyWarning === undefined) return { ...done, pipeline, warnings }
      const { policyWarning, ...set } = done
      return { ...set, pipeline, warnings: [...warnings, `${policyWarning}\nThe policy does not block it.`] }
    }
    return refused(`pipeline ${pipeline} is set by others again and again at this time; try again`)
  }

  /** Undefined: the team may; else why not. A team that is not there may be named by admins only, and does not come to be. */
  async #allowed(own: string, wanted: string): Promise<Result<undefined, string>> {
    if (own === wanted) return ok(undefined)
    const teams = await this.#teams.list()
    if (!teams.some(({ name }) => name === wanted)) return fail(`team ${wanted} not found`)
    return teams.some(({ name, admin }) => name === own && admin) ? ok(undefined) : fail("only main team can set another team's pipeline")
  }

  async #compareAndSet({ ref, config, parent, by }: WantedPipeline): Promise<SetOutcome> {
    const present = await this.#pipelines.find(ref)
    const after = pipelineToJson(config)
    const before = present?.configVersion === undefined ? {} : await this.#pipelines.config(present.id, present.configVersion)
    if (before === undefined) return 'stale'
    if (present?.configVersion !== undefined && configDiff(before, after).length === 0) return this.#confirm(present, parent, after)
    const judged = await this.#judged(by, after)
    if (!judged.ok) return refused(judged.error)
    const saved = await this.#pipelines.save(
      ref,
      {
        config: after,
        by: settingText(by),
        initially: 'unpaused',
        parent,
        changes: (rows) => rowChanges(rows, config),
        ...(present?.configVersion !== undefined && { expected: present.configVersion }),
      },
      this.#clock.now(),
    )
    return saved.ok ? { kind: 'set', before, after, ...(judged.value !== undefined && { policyWarning: judged.value }) } : notSaved(saved.error, before, after)
  }

  /** What the policy says of the config: a warning, or why it is not set. As Concourse, it is told the team and pipeline of the build. */
  async #judged({ team, pipeline }: SettingStep, config: JsonObject): Promise<Result<string | undefined, string>> {
    const action = 'SetPipeline'
    if (this.#policy?.asksAboutStep(action) !== true) return ok(undefined)
    const verdict = await this.#policy.check({ action, team, data: config, ...(pipeline !== undefined && { pipeline }) })
    switch (verdict.kind) {
      case 'allowed':
        return ok(undefined)
      case 'not-allowed':
        return verdict.blocks ? fail(notAllowedText(verdict.messages)) : ok(notAllowedText(verdict.messages))
      case 'none':
        return fail(noVerdictText(verdict.problem))
    }
  }

  /** A config that is the pipeline's already, perhaps since this very step has set it, and the server was killed before that was recorded. */
  async #confirm({ id, configVersion, parent: last }: Pipeline, parent: PipelineParent, after: JsonObject): Promise<SetOutcome> {
    if (last?.buildId === parent.buildId && last.planId === parent.planId) {
      const [now, earlier] = await this.#pipelines.history(id)
      if (now?.version !== configVersion) return 'stale'
      return { kind: 'set', before: (earlier && (await this.#pipelines.config(id, earlier.version))) ?? {}, after }
    }
    const { jobId, buildId } = parent
    return (await this.#pipelines.setParent(id, { jobId, buildId })) ? { kind: 'unchanged' } : { kind: 'newer-build', before: {}, after: {} }
  }
}

interface WantedPipeline {
  readonly ref: PipelineRef
  readonly config: PipelineConfig
  readonly parent: PipelineParent
  readonly by: SettingStep
}

type SetOutcome =
  | 'stale'
  | { readonly kind: 'set'; readonly before: JsonObject; readonly after: JsonObject; readonly policyWarning?: string }
  | { readonly kind: 'newer-build'; readonly before: JsonObject; readonly after: JsonObject }
  | { readonly kind: 'unchanged' }
  | Extract<PipelineSetByStep, { kind: 'refused' | 'invalid' }>

const refused = (message: string): Extract<PipelineSetByStep, { kind: 'refused' }> => ({ kind: 'refused', message })

function notSaved(error: SaveError, before: JsonObject, after: JsonObject): SetOutcome {
  switch (error.kind) {
    case 'stale':
      return 'stale'
    case 'newer-build':
      return { kind: 'newer-build', before, after }
    case 'no-team':
      return refused('the team was removed meanwhile')
    case 'swapped':
    case 'unstorable':
      return { kind: 'invalid', errors: [refusedRows(error, after)], warnings: [] }
    case 'dry-run':
      throw new Error('a step sets pipelines, and tries nothing')
  }
}

/** `self` means the build's own pipeline, instance and team, whatever else the step says. */
function refOf({ by, name, team, instanceVars }: PipelineFromStep, own: Pipeline | undefined): PipelineRef {
  if (name === 'self') {
    return { team: by.team, name: own?.name ?? by.pipeline ?? '', ...(own?.instanceVars && { instanceVars: own.instanceVars }) }
  }
  const instance = instanceVars !== undefined && Object.keys(instanceVars).length > 0
  return { team: team === undefined || team === '' ? by.team : team, name, ...(instance && { instanceVars }) }
}

/** For the history of configs: who set it. */
const settingText = ({ pipeline, job, buildName }: SettingStep): string => `${pipeline ?? ''}/${job ?? ''} #${buildName}`

type ReadConfig = { readonly kind: 'read'; readonly config: PipelineConfig; readonly warnings: readonly string[] } | Extract<PipelineSetByStep, { kind: 'invalid' }>

function readConfig({ config: file, vars = {}, varFiles }: PipelineFromStep, { name, instanceVars = {} }: PipelineRef): ReadConfig {
  const given: JsonObject[] = [instanceVars, vars]
  for (const { file: varFile, bytes } of varFiles) {
    const value = parseVarFile(bytes, varFile, 'yaml')
    if (!value.ok) return { kind: 'invalid', errors: [value.error], warnings: [] }
    // An empty file has no vars.
    if (value.value !== null && !isObject(value.value)) return { kind: 'invalid', errors: [`${varFile}: a file of vars is a map of names to values`], warnings: [] }
    given.push(value.value ?? {})
  }
  const lookup = firstOf(...given.map((values) => staticVars(values, { numbersAsText: true })))
  const { config, findings } = parsePipeline(file.bytes, { file: file.file, vars: lookup })
  const of = (severity: Finding['severity']) => findings.filter((finding) => finding.severity === severity).map(described)
  if (config === undefined) return { kind: 'invalid', errors: of('error'), warnings: of('warning') }
  const unusable = unusableName(name)
  if (unusable !== undefined) return { kind: 'invalid', errors: [`pipeline: ${unusable}`], warnings: [] }
  return { kind: 'read', config, warnings: of('warning') }
}

const described = ({ file, line, column, message, hint }: Finding): string => `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`
