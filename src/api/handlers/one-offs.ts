import { parseBoundedJson } from '../../lib/bounded-json.ts'
import type { ArtifactRef } from '../../model/artifact.ts'
import type { Json } from '../../model/json.ts'
import type { Plan, PlanKind } from '../../model/plan.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { eachPlan } from '../../planner/children.ts'
import { decodePlan } from '../../planner/plan-json.ts'
import { jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { OneOffBuild } from '../../model/requested-build.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { buildSchema } from '../schemas.ts'
import { teamIdOf } from './artifacts.ts'
import { shown } from './builds.ts'
import { nameOf } from './pipelines.ts'

const mostSteps = 1_000
const jsonBounds = { items: 1_000_000, depth: 1_000 }
/** Whether a client may send a step of this kind; the others are for a pipeline's config. A new kind has to decide. */
const mayBeSent: Readonly<Record<PlanKind, boolean>> = {
  get: true, put: true, check: true, task: true, artifact_input: true, artifact_output: true, do: true, in_parallel: true, try: true, timeout: true, retry: true,
  on_success: true, on_failure: true, on_abort: true, on_error: true, ensure: true, set_pipeline: false, load_var: false, run: false, across: false,
}

export const createBuild: Handler = async (services, request) => {
  const teamId = await teamIdOf(services, request.params)
  return teamId === undefined ? notFound : created(services, request, { scope: { teamId }, varSources: [] })
}

/** With the pipeline's vars. */
export const createPipelineBuild: Handler<'pipeline'> = async (services, request, { pipeline }) =>
  created(services, request, { scope: { teamId: pipeline.teamId, pipelineId: pipeline.id }, varSources: (await services.configs.of(pipeline))?.var_sources ?? [] })

async function created(services: ApiServices, request: ApiRequest, place: Pick<OneOffBuild, 'scope' | 'varSources'>): Promise<Reply> {
  const plan = postedPlan(request)
  if (!plan.ok) return text(400, plan.error)
  const artifacts = await inputsOf(services, plan.value, place.scope.teamId)
  if (!artifacts.ok) return text(400, artifacts.error)
  const id = await services.createOneOff({ ...place, plan: plan.value, artifacts: artifacts.value, createdBy: nameOf(request.principal) })
  const build = await services.lists.get(id)
  return build === undefined ? notFound : jsonOf(buildSchema, shown(request.principal, build), { status: 201 })
}

function postedPlan({ body }: ApiRequest): Result<Plan, string> {
  const json = parseBoundedJson(body ?? new Uint8Array(), jsonBounds)
  if (!json.ok) return fail(`a build needs a plan: ${json.error}`)
  const plan = decodePlan(json.value as Json)
  if (!plan.ok) return plan
  let steps = 0
  let refused: string | undefined
  eachPlan(plan.value, ({ kind }) => {
    steps += 1
    if (!mayBeSent[kind]) refused ??= `plan: ${kind} steps are for pipelines`
  })
  if (steps > mostSteps) return fail(`plan: more than ${mostSteps} steps`)
  return refused === undefined ? plan : fail(refused)
}

/** The uploads that the plan names. */
async function inputsOf({ workerArtifacts, clock }: ApiServices, plan: Plan, teamId: number): Promise<Result<OneOffBuild['artifacts'], string>> {
  const wanted: { readonly name: string; readonly artifact_id: number }[] = []
  eachPlan(plan, (step) => {
    if (step.kind === 'artifact_input') wanted.push(step.artifact_input)
  })
  const found: [string, ArtifactRef][] = []
  const ids = new Map<string, number>()
  for (const { name, artifact_id: id } of wanted) {
    const artifact = Number.isSafeInteger(id) ? (await workerArtifacts.find(teamId, id, clock.now()))?.artifact : undefined
    if (artifact === undefined) return fail(`input ${name}: there is no artifact ${id} of this team; uploads are kept for twelve hours`)
    if ((ids.get(name) ?? id) !== id) return fail(`input ${name}: two artifacts have this name`)
    ids.set(name, id)
    found.push([name, artifact])
  }
  return ok(Object.fromEntries(found))
}
