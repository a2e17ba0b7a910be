import { parseTask, decodeTask } from '../config/parse-task.ts'
import type { Finding } from '../config/finding.ts'
import { withDefaults } from '../config/source-defaults.ts'
import { overrideTask } from '../config/task-overrides.ts'
import { firstOf, staticVars } from '../config/vars/lookup.ts'
import type { TaskConfig } from '../model/config.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { TaskPlan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { RunState } from '../steps/ports.ts'
import { readArtifactFile } from './artifact-file.ts'
import type { BuildContext } from './build-context.ts'
import { readWithVars, resolveVars } from './interpolate.ts'

/** Larger task files are refused. */
const longestTaskFile = 1024 * 1024

export interface TaskConfigAndWarnings {
  readonly config: TaskConfig
  readonly warnings: readonly string[]
}

/** The config that a task step runs: read or inline, params and limits of the step laid over it, vars filled in, validated. */
export async function resolveTaskConfig(context: BuildContext, plan: TaskPlan, state: RunState): Promise<Result<TaskConfigAndWarnings, string>> {
  const written = plan.config_path === undefined ? inline(plan) : await fromFile(context, plan, plan.config_path, state)
  if (!written.ok) return written
  const overridden = overrideTask(written.value, {
    ...(plan.params && { params: plan.params }),
    ...(plan.container_limits && { container_limits: plan.container_limits }),
  })
  const filled = await resolveVars<JsonObject>(context, state, asJson(overridden.config))
  if (!filled.ok) return filled
  const decoded = decodeTask(filled.value, { file: plan.config_path ?? `task ${plan.name}` })
  if (decoded.config === undefined) return fail(lines(decoded.findings))
  const warnings = plan.config_path === undefined ? [] : overridden.warnings
  return ok({ config: withTypeDefaults(decoded.config, plan), warnings })
}

function inline(plan: TaskPlan): Result<TaskConfig, string> {
  return plan.config === undefined ? fail(`task ${plan.name} has neither a config nor a file`) : ok(plan.config)
}

async function fromFile(context: BuildContext, plan: TaskPlan, file: string, state: RunState): Promise<Result<TaskConfig, string>> {
  const read = await readArtifactFile(context, { what: 'task file', file, limit: longestTaskFile }, state)
  if (!read.ok) return read
  const vars = await resolveVars<JsonObject>(context, state, { ...plan.vars })
  if (!vars.ok) return vars
  const parsed = await readWithVars(context, state, (lookup) => parseTask(read.value, { file, vars: firstOf(staticVars(vars.value), lookup) }))
  context.redactor.add(parsed.secrets)
  return parsed.config === undefined ? fail(lines(parsed.findings)) : ok(parsed.config)
}

function withTypeDefaults(config: TaskConfig, plan: TaskPlan): TaskConfig {
  const image = config.image_resource
  if (image === undefined) return config
  const type = plan.resource_types?.find((candidate) => candidate.name === image.type)
  return { ...config, image_resource: { ...image, source: withDefaults(image.source, type) } }
}

function lines(findings: readonly Finding[]): string {
  return findings
    .filter((finding) => finding.severity === 'error')
    .map(({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`)
    .join('\n')
}

const asJson = (value: TaskConfig): JsonObject => JSON.parse(JSON.stringify(value)) as Json as JsonObject
