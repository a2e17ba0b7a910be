import type { z } from 'zod'
import type { FinalStatus } from '../../model/event.ts'
import type { FormerImage } from '../../model/former-build.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Plan } from '../../model/plan.ts'
import type { ImageReport, StepReport } from '../../model/step-report.ts'
import { children, type Child } from '../../planner/children.ts'
import { stepName } from '../../planner/step-name.ts'
import type { RecordedBuild, StepEvent } from '../web-ports.ts'
import type { stepImageSchema, stepSchema } from '../web-schemas.ts'
import { stateOfHolder, type StepState } from './step-state.ts'

type Step = z.input<typeof stepSchema>

export interface StepsToPresent {
  readonly recorded: RecordedBuild
  /** Of the same steps in earlier builds of the job; absent: not asked for. */
  readonly former?: ReadonlyMap<string, FormerImage>
  readonly events: readonly StepEvent[]
  /** How the build ended: what has not run will not. Absent: it has not. */
  readonly end?: FinalStatus
  /** Whoever sees it has a role in the team: containers, nodes and metadata are for those. */
  readonly member: boolean
  /** Where containers run, as fly calls the worker. */
  readonly runtime: string
  /** Containers that can be entered, by plan id. */
  readonly containers: ReadonlyMap<string, { readonly handle: string; readonly state: 'running' | 'kept' }>
}

/** What the events say of a step. */
interface Told {
  readonly began?: true
  readonly started?: true
  readonly finish?: JsonObject
  readonly error?: string
  /** What it has said last of why it waits. */
  readonly wait?: { readonly message: string; readonly from: number }
}

/** Of a build with an across of many values, the first ones. */
const mostSteps = 10_000

/** A build's steps in the plan's order, parents before their children. */
export function presentSteps(shown: StepsToPresent): { steps: Step[]; more: number } {
  const told = toldOf(shown.events)
  const steps: Step[] = []
  const visit = (plan: Plan, place: Place): StepState => {
    const inner = children(plan, shown.recorded.made)
    const at = steps.length
    steps.push({ id: plan.id, kind: plan.kind, role: place.role, state: 'pending', t: {}, waits: [], outputs: [] })
    const states = inner.map((child, index) => ({ role: child.role, state: visit(child.plan, placeOf(child, plan, index)) }))
    const holds = states.some(({ role }) => role !== 'image')
    const state = holds ? stateOfHolder(plan, states) : stateOfLeaf(shown, plan.id, told.get(plan.id))
    // An across whose values are not known yet holds nothing.
    steps[at] = describe(plan, { ...place, state, told: told.get(plan.id) ?? {}, shown })
    return state
  }
  visit(shown.recorded.plan, { role: 'step' })
  return { steps: steps.slice(0, mostSteps), more: Math.max(0, steps.length - mostSteps) }
}

interface Place extends Pick<Child, 'role' | 'values'> {
  readonly parent?: string
  readonly hook?: string
  readonly attempt?: number
}

const placeOf = ({ role, values }: Child, parent: Plan, index: number): Place => ({
  role,
  parent: parent.id,
  ...(values && { values }),
  ...(role === 'hook' && { hook: parent.kind }),
  ...(role === 'attempt' && { attempt: index + 1 }),
})

function stateOfLeaf({ recorded, end }: StepsToPresent, id: string, told: Told = {}): StepState {
  const record = recorded.steps.get(id)
  if (record?.outcome !== undefined) return record.outcome
  // The get of an image that nodes pull did not run, and has no record: its events alone say how it ended.
  if (record === undefined && told.finish !== undefined) return toldToHaveFailed(told.finish) ? 'failed' : 'succeeded'
  if (record === undefined && told.error !== undefined) return 'errored'
  const began = told.began === true || record !== undefined
  // A build that ended by an error of its own left what ran without an end.
  if (end !== undefined) return !began ? 'skipped' : end === 'errored' ? 'errored' : 'aborted'
  if (record !== undefined || told.started === true) return 'running'
  return told.began === true ? 'waiting' : 'pending'
}

const toldToHaveFailed = (finish: JsonObject): boolean => finish['succeeded'] === false || (typeof finish['exit_status'] === 'number' && finish['exit_status'] !== 0)

interface ToDescribe extends Place {
  readonly state: StepState
  readonly told: Told
  readonly shown: StepsToPresent
}

function describe(plan: Plan, { role, parent, hook, attempt, values, state, told, shown }: ToDescribe): Step {
  const { member, containers, recorded, former, runtime } = shown
  const report = recorded.steps.get(plan.id)?.report
  const { finish = {} } = told
  const container = containers.get(plan.id)
  const before = former?.get(plan.id)
  const name = nameOf(plan)
  const resource = plan.kind === 'get' ? plan.get.resource : plan.kind === 'put' ? plan.put.resource : undefined
  return {
    id: plan.id,
    ...(parent !== undefined && { parent }),
    kind: plan.kind,
    role,
    ...(hook !== undefined && { hook }),
    ...(name !== undefined && { name }),
    ...(attempt !== undefined && { attempt }),
    ...(values && { values: [...values] }),
    ...(resource !== undefined && { resource }),
    state,
    ...(typeof finish['exit_status'] === 'number' && { exit: finish['exit_status'] }),
    ...(told.error !== undefined && { error: told.error }),
    t: report?.times ?? {},
    waits: waitsOf(report, state === 'waiting' ? told.wait : undefined),
    ...(report?.moreWaits !== undefined && { moreWaits: report.moreWaits }),
    ...(isTexts(finish['version']) && { version: finish['version'] }),
    ...(member && Array.isArray(finish['metadata']) && finish['metadata'].length > 0 && { metadata: finish['metadata'] as { name: string; value: string }[] }),
    ...(plan.kind === 'get' && report !== undefined && state === 'succeeded' && report.reusedFrom === undefined && { cache: report.container === undefined ? ('hit' as const) : ('miss' as const) }),
    ...(report?.image && { image: { ...presentImage(report.image, report, member), ...(before && { former: before }) } }),
    ...(member && container && { container: { handle: container.handle, runtime, state: container.state, ...(container.state === 'kept' && report?.keptUntil !== undefined && { endsAt: report.keptUntil }), ...(report?.image?.node !== undefined && { node: report.image.node }), ...(report?.container && { origin: report.container }) } }),
    outputs: (report?.outputs ?? []).map(({ name: output, bytes }) => ({ plan: plan.id, name: output, bytes })),
    ...(report?.moreOutputs !== undefined && { moreOutputs: report.moreOutputs }),
    ...(report?.reusedFrom !== undefined && { reusedFrom: report.reusedFrom }),
  }
}

/** Of a step that has no record yet, what its log says. */
function waitsOf(report: StepReport | undefined, said: Told['wait']): Step['waits'] {
  if (report === undefined) return said === undefined ? [] : [{ kind: 'waiting', ...said }]
  return report.waits.map(({ reason, message, from, to }) => ({ kind: reason, message, from, ...(to !== undefined && { to }) }))
}

function presentImage(image: ImageReport, { times }: StepReport, member: boolean): z.input<typeof stepImageSchema> {
  const [, repository = image.reference, tag] = /^(.*?)(?::([\w][\w.-]*))?$/.exec(image.reference.replace(/@.*$/, '')) ?? []
  const native = image.by !== 'artifact' && image.layerBytes === 0
  return {
    reference: image.reference,
    repository,
    ...(tag !== undefined && { tag }),
    ...(image.digest !== undefined && { digest: image.digest }),
    by: image.by,
    ...(image.host !== undefined && { host: image.host }),
    requests: image.requests,
    ...(image.ms !== undefined && { ms: image.ms }),
    ...(image.platform !== undefined && { platform: image.platform }),
    ...(times.prepare !== undefined && { at: times.prepare }),
    native,
    ...(image.whyNot !== undefined && { whyNot: image.whyNot }),
    ...(image.pull && { pull: { cached: image.pull.kind === 'cached', ...(image.pull.kind === 'pulled' && { ms: image.pull.ms }), ...(member && image.node !== undefined && { node: image.node }) } }),
    layerBytes: image.layerBytes,
    ...(image.policy && member && { policy: { allowed: true, reasons: [...image.policy.reasons] } }),
  }
}

function nameOf(plan: Plan): string | undefined {
  switch (plan.kind) {
    case 'set_pipeline':
      return plan.set_pipeline.name
    case 'load_var':
      return plan.load_var.name
    case 'run':
      return plan.run.message
    case 'artifact_input':
      return plan.artifact_input.name
    case 'artifact_output':
      return plan.artifact_output.name
    default:
      return stepName(plan)?.name
  }
}

function toldOf(events: readonly StepEvent[]): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>()
  for (const { type, data } of events) {
    const id = (data['origin'] as { readonly id?: unknown } | undefined)?.id
    if (typeof id !== 'string') continue
    const known = told.get(id)
    if (type.startsWith('initialize')) told.set(id, { ...known, began: true })
    else if (type.startsWith('start')) told.set(id, { ...known, began: true, started: true })
    else if (type.startsWith('finish')) told.set(id, { ...known, finish: data })
    else if (type === 'log') {
      if (typeof data['payload'] === 'string') told.set(id, { ...known, wait: { message: data['payload'].trimEnd(), from: Number(data['time'] ?? 0) * 1_000 } })
    } else if (typeof data['message'] === 'string') told.set(id, { ...known, error: data['message'] })
  }
  return told
}

const isTexts = (value: Json | undefined): value is Record<string, string> => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((one) => typeof one === 'string')
