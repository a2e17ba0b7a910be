import { describeVarError, interpolate } from '../config/vars/interpolate.ts'
import { formatReference } from '../config/vars/reference.ts'
import { withVars } from '../config/vars/with-vars.ts'
import { stepsOfJob } from '../config/walk-steps.ts'
import type { PipelineConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import type { FoundVar, Vars } from '../model/var.ts'

/** More errors are not told: whoever sets the pipeline has forgotten one thing. */
const mostErrors = 100

/**
 * Looks up the vars of types, resources and tasks, without using their values: what is wrong with which. Local vars are set by steps,
 * so nothing is known of them yet.
 */
export async function checkCredentials(config: PipelineConfig, vars: Vars): Promise<readonly string[]> {
  const asked = askedOnce(vars)
  const errors: string[] = []
  for (const [what, value] of valuesOf(config)) {
    const filled = await withVars(asked, (lookup) => interpolate(value, lookup))
    if (!filled.ok) errors.push(`${what}: ${describeVarError(filled.error)}`)
    if (errors.length === mostErrors) break
  }
  return errors
}

function* valuesOf(config: PipelineConfig): Generator<readonly [string, Json]> {
  for (const { name, source } of config.resource_types ?? []) if (source !== undefined) yield [`resource type ${name}`, source]
  for (const { name, source, webhook_token: token } of config.resources ?? []) {
    if (source !== undefined) yield [`resource ${name}`, source]
    if (token !== undefined) yield [`webhook token of resource ${name}`, token]
  }
  for (const job of config.jobs ?? []) {
    for (const { step } of stepsOfJob(job)) {
      if (step.kind !== 'task') continue
      const { params, vars, config: inline } = step
      yield [`task ${step.task} of job ${job.name}`, JSON.parse(JSON.stringify({ params, vars, config: inline })) as Json]
    }
  }
}

function askedOnce(vars: Vars): Vars {
  const answers = new Map<string, Promise<FoundVar>>()
  return {
    get(reference) {
      if (reference.source === '.') return Promise.resolve({ kind: 'found', value: '', secret: false })
      const name = formatReference(reference)
      const answer = answers.get(name) ?? vars.get(reference)
      answers.set(name, answer)
      return answer
    },
  }
}
