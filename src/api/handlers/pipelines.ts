import { hasRole, type Principal } from '../../auth/roles.ts'
import { unusableName } from '../../config/validate/identifier.ts'
import { pipelineToJson } from '../../config/wire.ts'
import { setPipeline, trySetPipeline, type PipelineToSet, type SetPipelineError } from '../../pipelines/set-pipeline.ts'
import type { VarSourceConfig } from '../../model/config.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Pause, Pipeline } from '../../model/pipeline.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { NotInTeam, PipelineGroup } from '../../pipelines/ports.ts'
import { bodyOf, instancesBody, nameBody, orderingBody, pauseBody } from '../bodies.ts'
import { instanceName, instanceVars } from '../instance-vars.ts'
import { keptOf } from '../lists/kept-lists.ts'
import { presentPipeline } from '../present/pipelines.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import { identifierWarnings } from '../present/warnings.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { listAudience, type ListAudience } from '../visible.ts'
import { configSchema, configVersionSchema, dryRunSchema, pipelineSchema, saveConfigSchema } from '../schemas.ts'
import { teamNamed } from './teams.ts'

const versionHeader = 'X-Concourse-Config-Version'

export const nameOf = (principal: Principal): string => (principal.kind === 'user' ? principal.identity.name : '')

export const saveConfig: Handler = async (services, request) => {
  const wanted = wantedConfig(services, request)
  if (!wanted.ok) return wanted.error
  const set = await setPipeline(services.pipelines, wanted.value, services.clock.now())
  if (!set.ok) return refusedConfig(set.error)
  const { outcome } = set.value
  const warnings = [...set.value.warnings, ...identifierWarnings('team', request.params['team_name'] ?? '')]
  return jsonOf(saveConfigSchema, warnings.length > 0 ? { warnings } : {}, { status: outcome === 'created' ? 201 : 200 })
}

/** A path of its own: Concourse, which does not know dry runs, must answer 404 and not set the pipeline. */
export const tryConfig: Handler = async (services, request) => {
  const wanted = wantedConfig(services, request)
  if (!wanted.ok) return wanted.error
  const tried = await trySetPipeline(services.pipelines, wanted.value, services.clock.now())
  return tried.ok ? jsonOf(dryRunSchema, { changes: [...tried.value.changes], warnings: [...tried.value.warnings] }) : refusedConfig(tried.error)
}

function wantedConfig({ credentials }: ApiServices, { principal, params, query, headers, body }: ApiRequest): Result<PipelineToSet, Reply> {
  const type = headers['content-type']?.split(';')[0]?.trim()
  if (type !== 'application/x-yaml' && type !== 'application/json') return fail(text(415, 'the content type of a config must be application/x-yaml or application/json'))
  const given = givenVersion(headers)
  if (!given.ok) return given
  const vars = instanceVars(query)
  if (!vars.ok) return fail(text(400, vars.error))
  const ref = { team: params['team_name'] ?? '', name: params['pipeline_name'] ?? '', ...(vars.value && { instanceVars: vars.value }) }
  const checkedVars = (sources: readonly VarSourceConfig[]) => credentials.varsOf({ team: ref.team, pipeline: ref.name, ...(vars.value && { instanceVars: vars.value }) }, sources)
  return ok({ ref, source: body ?? new Uint8Array(), by: nameOf(principal), ...(query.has('check_creds') && { checkedVars }), ...(given.value !== undefined && { expected: given.value }) })
}

function givenVersion(headers: ApiRequest['headers']): Result<number | undefined, Reply> {
  const given = headers['x-concourse-config-version']?.toString() ?? ''
  if (!/^\d{0,15}$/.test(given)) return fail(jsonOf(saveConfigSchema, { errors: ['config version is malformed: expected integer'] }, { status: 400 }))
  return ok(given === '' ? undefined : Number(given))
}

function refusedConfig(error: SetPipelineError): Reply {
  switch (error.kind) {
    case 'invalid':
      return jsonOf(saveConfigSchema, { errors: [...error.errors] }, { status: 400 })
    case 'no-team':
      return notFound
    case 'stale':
    case 'newer-build':
      return text(409, 'the pipeline was set by somebody else meanwhile; get its config and set it again')
  }
}

export const getConfig: Handler<'pipeline'> = async ({ configs }, _request, { pipeline }) => {
  const config = await configs.of(pipeline)
  if (config === undefined) return notFound
  return jsonOf(configSchema, { config: pipelineToJson(config) }, { headers: { [versionHeader]: String(pipeline.configVersion) } })
}

/** Those that are kept, the newest first. */
export const listConfigVersions: Handler<'pipeline'> = async ({ pipelines }, _request, { pipeline }) => {
  const history = await pipelines.history(pipeline.id)
  return jsonOf(
    configVersionSchema.array(),
    history.map(({ version, by, build, at }) => ({ version, set_by: by, ...(build !== undefined && { set_by_build: build }), time: Math.floor(at / 1000), current: version === pipeline.configVersion })),
  )
}

/** One of those that are kept, as it was set. */
export const getConfigVersion: Handler<'pipeline'> = async ({ pipelines }, { params }, { pipeline }) => {
  const kept = await keptConfig(pipelines, pipeline, params)
  return kept.ok ? jsonOf(configSchema, { config: kept.value }) : kept.error
}

async function keptConfig(pipelines: ApiServices['pipelines'], { id }: Pipeline, params: ApiRequest['params']): Promise<Result<JsonObject, Reply>> {
  const wanted = params['config_version'] ?? ''
  const config = /^\d{1,15}$/.test(wanted) ? await pipelines.config(id, Number(wanted)) : undefined
  return config === undefined ? fail(text(404, `the pipeline has no config version ${JSON.stringify(wanted.slice(0, 50))} any more; GET …/config/versions lists those that are kept`)) : ok(config)
}

/**
 * Sets the pipeline to a config that it had: as if somebody had kept that and set it again. The version that it has stays in the list. A
 * caller that names the version that it knows is refused where there is another.
 */
export const restoreConfig: Handler<'pipeline'> = async ({ pipelines, clock }, { principal, params, headers }, { pipeline }) => {
  const given = givenVersion(headers)
  if (!given.ok) return given.error
  if (given.value !== undefined && given.value !== pipeline.configVersion) return refusedConfig({ kind: 'stale' })
  const kept = await keptConfig(pipelines, pipeline, params)
  if (!kept.ok) return kept.error
  const { team, name, instanceVars: vars, configVersion: expected } = pipeline
  const ref = { team, name, ...(vars && { instanceVars: vars }) }
  const set = await setPipeline(pipelines, { ref, source: Buffer.from(JSON.stringify(kept.value)), by: nameOf(principal), ...(expected !== undefined && { expected }) }, clock.now())
  if (!set.ok) return refusedConfig(set.error)
  const { warnings } = set.value
  return jsonOf(saveConfigSchema, warnings.length > 0 ? { warnings: [...warnings] } : {})
}

export const getPipeline: Handler<'pipeline'> = async (services, { principal }, { pipeline }) =>
  jsonOf(pipelineSchema, await presented(services, pipeline, hasRole(principal, pipeline.team, 'viewer')))

export const listAllPipelines: Handler = (services, { principal }) => listed(services, listAudience(principal))

export const listPipelines: Handler = async (services, { principal, params }) => {
  const team = params['team_name'] ?? ''
  const member = hasRole(principal, team, 'viewer')
  if (member && (await teamNamed(services, team)) === undefined) return notFound
  return listed(services, { key: String(member), member: () => member }, team)
}

const listed = (services: ApiServices, { key, member }: ListAudience, team?: string): Promise<Reply> =>
  keptOf(services.keptLists, pipelineSchema.array(), `pipelines ${JSON.stringify(team)} ${key}`, async () => {
    const seen = (await services.pipelines.list(team)).filter((pipeline) => pipeline.public || member(pipeline.team))
    return Promise.all(seen.map((pipeline) => presented(services, pipeline, member(pipeline.team))))
  })

const presented = async ({ listedConfigs }: ApiServices, pipeline: Pipeline, member: boolean) => presentPipeline(pipeline, await listedConfigs.ifReadable(pipeline), member)

/** The pause that a request asks for. A reason that is given for what is paused already changes neither who did that nor when. */
export function pauseAsked({ clock }: ApiServices, request: ApiRequest, before: Pause | undefined): Result<Pause, Reply> {
  const body = request.body === undefined || request.body.length === 0 ? ok({ reason: undefined }) : bodyOf(request, pauseBody)
  if (!body.ok) return body
  const given = body.value.reason ?? undefined
  const why = (given ?? before?.why ?? '').trim()
  const { by, at } = before !== undefined && given !== undefined ? before : { by: nameOf(request.principal), at: clock.now() }
  return ok({ by, at, ...(why !== '' && { why }) })
}

export const pausePipeline: Handler<'pipeline'> = async (services, request, { pipeline }) => {
  const pause = pauseAsked(services, request, pipeline.pause)
  if (!pause.ok) return pause.error
  await services.pipelines.setPaused(pipeline.id, pause.value)
  return empty(200)
}

export const unpausePipeline: Handler<'pipeline'> = async ({ pipelines, jobs }, _request, { pipeline }) => {
  await pipelines.setPaused(pipeline.id, undefined)
  jobs.wake()
  return empty(200)
}

export const setPublic = (isPublic: boolean): Handler<'pipeline'> => async ({ pipelines }, _request, { pipeline }) => {
  await pipelines.setPublic(pipeline.id, isPublic)
  return empty(200)
}

export const deletePipeline: Handler<'pipeline'> = async ({ pipelines, clock }, _request, { pipeline }) => {
  await pipelines.remove(pipeline.id, clock.now())
  return empty(204)
}

export const archivePipeline: Handler<'pipeline'> = async ({ pipelines, clock }, _request, { pipeline }) => {
  await pipelines.archive(pipeline.id, clock.now())
  return empty(200)
}

/** Every instance of the name gets the new one. */
export const renamePipeline: Handler = async ({ pipelines }, request) => {
  const body = bodyOf(request, nameBody)
  if (!body.ok) return body.error
  const { name } = body.value
  const refused = (error: string): Reply => jsonOf(saveConfigSchema, { errors: [error] }, { status: 400 })
  const unusable = unusableName(name)
  if (unusable !== undefined) return refused(`pipeline: ${unusable}`)
  const warnings = identifierWarnings('pipeline', name)
  switch (await pipelines.rename(groupOf(request), name)) {
    case 'unknown':
      return notFound
    case 'taken':
      return refused(`pipeline: there is a pipeline ${JSON.stringify(name)} already`)
    case 'renamed':
      return jsonOf(saveConfigSchema, warnings.length > 0 ? { warnings } : {})
  }
}

export const orderPipelines: Handler = async ({ pipelines }, request) => {
  const names = bodyOf(request, orderingBody)
  if (!names.ok) return names.error
  return ordered(await pipelines.order(request.params['team_name'] ?? '', names.value))
}

export const orderInstances: Handler = async ({ pipelines }, request) => {
  const instances = bodyOf(request, instancesBody)
  if (!instances.ok) return instances.error
  return ordered(await pipelines.orderInstances(groupOf(request), instances.value as JsonObject[]))
}

const ordered = (done: Result<void, NotInTeam>): Reply => (done.ok ? empty(200) : text(400, `pipeline '${instanceName({ team: '', ...done.error })}' not found`))

const groupOf = ({ params }: ApiRequest): PipelineGroup => ({ team: params['team_name'] ?? '', name: params['pipeline_name'] ?? '' })
