import type { Json, JsonObject } from '../../../../src/model/json.ts'

/** A param of the job's tasks that may be given another value for one build. */
export interface Param {
  readonly name: string
  /** Of the config, as text. */
  readonly value: string
  /** The tasks that have it, in the config's order. */
  readonly tasks: readonly string[]
  /** Tasks have it with different values; a value that is given here goes to all of them. */
  readonly differs: boolean
}

const hooks = ['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure']

/** What the tasks of a job declare in the pipeline's config (GET …/config): the server takes these names, and no others. */
export function paramsOf(config: JsonObject, job: string): readonly Param[] {
  const found = new Map<string, Param>()
  const jobs = list(config['jobs']).map(object)
  for (const step of stepsIn(jobs.find((one) => one['name'] === job) ?? {})) {
    if (typeof step['task'] !== 'string') continue
    const declared = { ...object(object(step['config'])['params']), ...object(step['params']) }
    for (const [name, json] of Object.entries(declared)) {
      const value = asText(json)
      const before = found.get(name)
      found.set(name, before === undefined ? { name, value, tasks: [step['task']], differs: false } : { ...before, tasks: [...before.tasks, step['task']], differs: before.differs || before.value !== value })
    }
  }
  return [...found.values()]
}

/** A job, or a step, and all steps in it. */
function* stepsIn(holder: JsonObject): Generator<JsonObject> {
  yield holder
  const parallel = holder['in_parallel']
  const inner = [...list(holder['plan']), ...list(holder['do']), ...(Array.isArray(parallel) ? parallel : list(object(parallel)['steps'])), holder['try'], ...hooks.map((hook) => holder[hook])]
  for (const step of inner) if (step !== undefined) yield* stepsIn(object(step))
}

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const object = (value: Json | undefined): JsonObject => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {})
const asText = (value: Json): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value))
