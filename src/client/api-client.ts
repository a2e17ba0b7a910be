import type { Readable } from 'node:stream'
import { z } from 'zod'
import { activeUserSchema, artifactSchema, buildSchema, cachesRemovedSchema, componentSchema, configSchema, configVersionSchema, containerSchema, jobInputSchema, resourceSchema, resourceTypeSchema, resourceVersionSchema, dryRunSchema, infoSchema, jobSchema, jobSummarySchema, pipelineSchema, planSchema, preparationSchema, pruneRefusedSchema, saveConfigSchema, setTeamSchema, teamSchema, userSchema, versionsRemovedSchema, volumeSchema, wallSchema, workerSchema } from '../api/schemas.ts'
import { userExplainedSchema } from '../api/web-schemas.ts'
import { boundedString } from '../lib/bounded.ts'
import { parseBoundedJson } from '../lib/bounded-json.ts'
import { messageOf } from '../lib/errors.ts'
import { visible } from '../lib/visible.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { PipelineRef } from '../model/pipeline.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { TeamAuth } from '../model/team.ts'
import type { ClientError } from './client-error.ts'
import { bytesOf, drop, refusal, type ClientAnswer, type ClientRequest, type Connection } from './connection.ts'
import { tolerant } from './tolerant.ts'

export type Answer<T> = Promise<Result<T, ClientError>>

export interface JobRef {
  readonly pipeline: PipelineRef
  readonly job: string
}

export interface ResourceRef {
  readonly pipeline: PipelineRef
  readonly resource: string
}

export type ResourceKind = 'resources' | 'resource-types'

const asJson = { 'content-type': 'application/json' }

export type UserExplained = z.infer<typeof userExplainedSchema>
export type Build = z.infer<typeof buildSchema>

/** Concourse says besides where its step's process runs, and as whom. */
const listedContainerSchema = containerSchema.extend({ working_directory: boundedString(4_096).exactOptional(), user: boundedString(4_096).exactOptional() })
export type ListedContainer = z.infer<typeof listedContainerSchema>

/** What is set, with the version that the next set-pipeline has to name. */
export interface PipelineConfigAnswer {
  readonly config: JsonObject
  readonly version: string
}

export interface ConfigToSend {
  readonly config: Json
  /** The version that it was made from; absent: there was none. */
  readonly version?: string
  /** Its vars are looked up, and it is refused when one is not there. */
  readonly checkCreds?: boolean
}

export interface SetPipelineAnswer {
  readonly created: boolean
  readonly warnings: readonly { readonly type: string; readonly message: string }[]
}

export interface TryPipelineAnswer {
  /** What setting it would do to jobs and resources, as sentences. */
  readonly changes: readonly string[]
  readonly warnings: readonly { readonly type: string; readonly message: string }[]
}

const mostBytes = 64 * 1024 * 1024
const bounds = { items: 5_000_000, depth: 200 }
const versionHeader = 'x-concourse-config-version'

/** Concourse's API, one method a route. Names in paths are escaped here. */
export class ApiClient {
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  readonly info = () => this.#get('/info', infoSchema)
  readonly user = () => this.#get('/user', userSchema)
  /** Of Airside alone. */
  readonly explainUser = () => this.#get('/user/explain', userExplainedSchema)
  readonly teams = () => this.#get('/teams', teamSchema.array())
  readonly pipelines = (team: string | undefined) => this.#get(team === undefined ? '/pipelines' : `/teams/${escaped(team)}/pipelines`, pipelineSchema.array())
  readonly pipeline = (ref: PipelineRef) => this.#get(pathOf(ref), pipelineSchema, varsOf(ref))
  readonly jobs = (ref: PipelineRef) => this.#get(`${pathOf(ref)}/jobs`, jobSummarySchema.array(), varsOf(ref))
  readonly job = ({ pipeline, job }: JobRef) => this.#get(`${pathOf(pipeline)}/jobs/${escaped(job)}`, jobSchema, varsOf(pipeline))
  readonly build = (id: number) => this.#get(`/builds/${id}`, buildSchema)
  readonly plan = (id: number) => this.#get(`/builds/${id}/plan`, planSchema)
  readonly preparation = (id: number) => this.#get(`/builds/${id}/preparation`, preparationSchema)
  readonly jobBuild = ({ pipeline, job }: JobRef, name: string) => this.#get(`${pathOf(pipeline)}/jobs/${escaped(job)}/builds/${escaped(name)}`, buildSchema, varsOf(pipeline))

  /** `what` is the path of a list of builds, as `buildsOf` gives it. */
  readonly builds = (what: BuildsOf, limit: number) => this.#get(what.path, buildSchema.array(), withLimit(what.query, limit))

  trigger({ pipeline, job }: JobRef): Answer<Build> {
    return this.#json({ method: 'POST', path: `${pathOf(pipeline)}/jobs/${escaped(job)}/builds`, query: varsOf(pipeline) }, buildSchema)
  }

  rerun({ pipeline, job }: JobRef, name: string): Answer<Build> {
    return this.#json({ method: 'POST', path: `${pathOf(pipeline)}/jobs/${escaped(job)}/builds/${escaped(name)}`, query: varsOf(pipeline) }, buildSchema)
  }

  readonly resources = (ref: PipelineRef) => this.#get(`${pathOf(ref)}/resources`, resourceSchema.array(), varsOf(ref))
  readonly versions = ({ pipeline, resource }: ResourceRef, limit: number) =>
    this.#get(`${pathOf(pipeline)}/resources/${escaped(resource)}/versions`, resourceVersionSchema.array(), withLimit(varsOf(pipeline), limit))

  /** A build that checks the resource: from a version, or from its latest. */
  check({ pipeline, resource }: ResourceRef, from: Readonly<Record<string, string>> | undefined, kind: ResourceKind = 'resources'): Answer<Build> {
    const path = `${pathOf(pipeline)}/${kind}/${escaped(resource)}/check`
    return this.#json({ method: 'POST', path, query: varsOf(pipeline), headers: asJson, body: JSON.stringify({ from: from ?? null }) }, buildSchema)
  }

  readonly changeVersion = ({ pipeline, resource }: ResourceRef, version: number, what: 'pin' | 'enable' | 'disable') =>
    this.#done({ method: 'PUT', path: `${pathOf(pipeline)}/resources/${escaped(resource)}/versions/${version}/${what}`, query: varsOf(pipeline) })
  readonly unpin = ({ pipeline, resource }: ResourceRef) =>
    this.#done({ method: 'PUT', path: `${pathOf(pipeline)}/resources/${escaped(resource)}/unpin`, query: varsOf(pipeline) })
  readonly destroy = (ref: PipelineRef) => this.#done({ method: 'DELETE', path: pathOf(ref), query: varsOf(ref) })

  /** Names of all instances change with it. */
  readonly rename = (team: string, name: string, to: string) => this.#done({ ...this.#put(`/teams/${escaped(team)}/pipelines/${escaped(name)}/rename`), body: JSON.stringify({ name: to }) })
  readonly order = (team: string, names: readonly string[]) => this.#done({ ...this.#put(`/teams/${escaped(team)}/pipelines/ordering`), body: JSON.stringify(names) })

  readonly setTeam = (team: string, auth: TeamAuth) => this.#json({ ...this.#put(`/teams/${escaped(team)}`), body: JSON.stringify({ auth }) }, setTeamSchema)
  readonly renameTeam = (team: string, to: string) => this.#done({ ...this.#put(`/teams/${escaped(team)}/rename`), body: JSON.stringify({ name: to }) })
  readonly destroyTeam = (team: string) => this.#done({ method: 'DELETE', path: `/teams/${escaped(team)}` })

  readonly components = () => this.#get('/components', componentSchema.array())
  /** Absent: all of them. */
  readonly changeComponent = (name: string | undefined, what: 'pause' | 'unpause') =>
    this.#done({ method: 'PUT', path: name === undefined ? `/components/${what}` : `/components/${escaped(name)}/${what}` })

  /** A tar packed by gzip, as an input of builds that `createBuild` makes. It is kept for twelve hours. */
  readonly upload = (team: string, { platform, tags }: { readonly platform: string; readonly tags: readonly string[] }, content: Readable) =>
    this.#json(
      { method: 'POST', path: `/teams/${escaped(team)}/artifacts`, query: new URLSearchParams([['platform', platform], ...tags.map((tag): [string, string] => ['tags', tag])]), headers: { 'content-type': 'application/octet-stream' }, body: content },
      artifactSchema,
    )
  readonly artifactsOf = (build: number) => this.#get(`/builds/${build}/artifacts`, artifactSchema.array())
  /** A tar packed by gzip; the caller reads it to its end or destroys it. */
  async download(team: string, artifact: number): Answer<Readable> {
    const answer = await this.connection.succeed({ method: 'GET', path: `${root}/teams/${escaped(team)}/artifacts/${artifact}` })
    return answer.ok ? ok(answer.value.body) : answer
  }

  /** A build of a plan, in the wire's form: of a pipeline, whose vars it has, or of the team alone. */
  readonly createBuild = (of: { readonly team: string } | PipelineRef, plan: JsonObject) =>
    this.#json({ method: 'POST', path: `${'name' in of ? pathOf(of) : `/teams/${escaped(of.team)}`}/builds`, query: 'name' in of ? varsOf(of) : new URLSearchParams(), headers: asJson, body: JSON.stringify(plan) }, buildSchema)
  /** Versions that the job's next build would have. */
  readonly jobInputs = ({ pipeline, job }: JobRef) => this.#get(`${pathOf(pipeline)}/jobs/${escaped(job)}/inputs`, jobInputSchema.array(), varsOf(pipeline))
  readonly resourceTypes = (ref: PipelineRef) => this.#get(`${pathOf(ref)}/resource-types`, resourceTypeSchema.array(), varsOf(ref))

  readonly allJobs = () => this.#get('/jobs', jobSummarySchema.array())
  readonly workers = () => this.#get('/workers', workerSchema.array())
  readonly landWorker = (name: string) => this.#done({ method: 'PUT', path: `/workers/${escaped(name)}/land` })
  /** Why it is refused stands in a field of the answer. */
  async pruneWorker(name: string): Answer<void> {
    const answer = await this.connection.send({ method: 'PUT', path: `${root}/workers/${escaped(name)}/prune` })
    if (!answer.ok) return answer
    if (answer.value.status !== 400) return answer.value.status < 300 ? ok(drop(answer.value.body)) : fail(await refusal(answer.value))
    const read = await jsonOf(answer.value, pruneRefusedSchema)
    return read.ok ? fail({ kind: 'refused', status: 400, message: visible(read.value.stderr) }) : read
  }
  readonly volumes = (team: string) => this.#get(`/teams/${escaped(team)}/volumes`, volumeSchema.array())
  /** `since`: a day, as yyyy-mm-dd. */
  readonly activeUsers = (since: string | undefined) => this.#get('/users', activeUserSchema.array(), new URLSearchParams(since === undefined ? {} : { since }))
  readonly team = (name: string) => this.#get(`/teams/${escaped(name)}`, teamSchema)
  readonly wall = () => this.#get('/wall', wallSchema)
  /** Empty: takes it away. `ttlMs`: how long it stands. */
  readonly setWall = (message: string, ttlMs: number | undefined) =>
    this.#done(message === '' ? { method: 'DELETE', path: '/wall' } : { ...this.#put('/wall'), body: JSON.stringify({ message, ...(ttlMs !== undefined && { TTL: ttlMs * 1e6 }) }) })
  readonly orderInstances = (team: string, name: string, instances: readonly JsonObject[]) => this.#done({ ...this.#put(`/teams/${escaped(team)}/pipelines/${escaped(name)}/ordering`), body: JSON.stringify(instances) })
  readonly setPinComment = ({ pipeline, resource }: ResourceRef, comment: string) =>
    this.#done({ ...this.#put(`${pathOf(pipeline)}/resources/${escaped(resource)}/pin_comment`), query: varsOf(pipeline), body: JSON.stringify({ pin_comment: comment }) })
  /** Of one path, or of all of them. */
  readonly clearTaskCache = ({ pipeline, job }: JobRef, step: string, cachePath: string | undefined) => {
    const query = varsOf(pipeline)
    if (cachePath !== undefined) query.set('cache_path', cachePath)
    return this.#json({ method: 'DELETE', path: `${pathOf(pipeline)}/jobs/${escaped(job)}/tasks/${escaped(step)}/cache`, query }, cachesRemovedSchema)
  }
  /** Of one version, or of all of them. */
  readonly clearResourceCache = ({ pipeline, resource }: ResourceRef, version: Readonly<Record<string, string>> | undefined) =>
    this.#json({ method: 'DELETE', path: `${pathOf(pipeline)}/resources/${escaped(resource)}/cache`, query: varsOf(pipeline), headers: asJson, body: JSON.stringify({ version: version ?? null }) }, cachesRemovedSchema)
  readonly clearVersions = ({ pipeline, resource }: ResourceRef, kind: ResourceKind) =>
    this.#json({ method: 'DELETE', path: `${pathOf(pipeline)}/${kind}/${escaped(resource)}/versions`, query: varsOf(pipeline) }, versionsRemovedSchema)
  readonly containers = (team: string, query: URLSearchParams) => this.#get(`/teams/${escaped(team)}/containers`, listedContainerSchema.array(), query)

  readonly abort = (id: number) => this.#done({ method: 'PUT', path: `/builds/${id}/abort` })
  /** pause, unpause, expose, hide … */
  readonly change = (ref: PipelineRef, what: string) => this.#done({ method: 'PUT', path: `${pathOf(ref)}/${what}`, query: varsOf(ref) })
  readonly changeJob = ({ pipeline, job }: JobRef, what: 'pause' | 'unpause' | 'schedule') =>
    this.#done({ method: 'PUT', path: `${pathOf(pipeline)}/jobs/${escaped(job)}/${what}`, query: varsOf(pipeline) })

  async config(ref: PipelineRef): Answer<PipelineConfigAnswer> {
    const answer = await this.connection.succeed({ method: 'GET', path: `${root}${pathOf(ref)}/config`, query: varsOf(ref) })
    if (!answer.ok) return answer
    const read = await jsonOf(answer.value, configSchema)
    return read.ok ? ok({ config: read.value.config as JsonObject, version: String(answer.value.headers[versionHeader] ?? '') }) : read
  }

  /** `version` as `config` gave it; absent: the pipeline is new. What is wrong with the config comes as a refusal, a line each. */
  async setConfig(ref: PipelineRef, { config, version, checkCreds = false }: ConfigToSend): Answer<SetPipelineAnswer> {
    const answer = await this.connection.send({
      method: 'PUT',
      path: `${root}${pathOf(ref)}/config`,
      query: configQuery(ref, checkCreds),
      headers: { 'content-type': 'application/json', ...(version !== undefined && { [versionHeader]: version }) },
      body: JSON.stringify(config),
    })
    if (!answer.ok) return answer
    const isJson = String(answer.value.headers['content-type'] ?? '').startsWith('application/json')
    if (answer.value.status >= 300 && !(answer.value.status === 400 && isJson)) return fail(await refusal(answer.value))
    const read = await jsonOf(answer.value, saveConfigSchema)
    if (!read.ok) return read
    const { errors = [], warnings = [] } = read.value
    if (answer.value.status === 400) return fail({ kind: 'refused', status: 400, message: errors.join('\n') })
    return ok({ created: answer.value.status === 201, warnings })
  }

  /** Of Airside alone: a Concourse server has no such path. */
  async tryConfig(ref: PipelineRef, { config, version, checkCreds = false }: ConfigToSend): Answer<TryPipelineAnswer> {
    const answer = await this.connection.send({
      method: 'POST',
      path: `${root}${pathOf(ref)}/config/dry-run`,
      query: configQuery(ref, checkCreds),
      headers: { 'content-type': 'application/json', ...(version !== undefined && { [versionHeader]: version }) },
      body: JSON.stringify(config),
    })
    if (!answer.ok) return answer
    return answer.value.status === 200 ? jsonOf(answer.value, dryRunSchema) : fail(await refusal(answer.value))
  }

  /** Configs that a pipeline had, the newest first. Of Airside alone, as the next two. */
  readonly configVersions = (ref: PipelineRef) => this.#get(`${pathOf(ref)}/config/versions`, configVersionSchema.array(), varsOf(ref))
  readonly configOf = (ref: PipelineRef, version: number) => this.#get(`${pathOf(ref)}/config/versions/${version}`, configSchema, varsOf(ref))
  /** `from`: the version that the pipeline is taken to have; it is refused where somebody has set another meanwhile. */
  readonly restoreConfig = (ref: PipelineRef, version: number, from: string) =>
    this.#json({ method: 'PUT', path: `${pathOf(ref)}/config/versions/${version}/restore`, query: varsOf(ref), headers: { [versionHeader]: from } }, saveConfigSchema)

  readonly #put = (path: string) => ({ method: 'PUT', path, headers: asJson }) as const

  #get<S extends z.ZodType>(path: string, schema: S, query?: URLSearchParams): Answer<z.output<S>> {
    return this.#json({ method: 'GET', path, ...(query && { query }) }, schema)
  }

  async #json<S extends z.ZodType>(wanted: ClientRequest, schema: S): Answer<z.output<S>> {
    const answer = await this.connection.succeed({ ...wanted, path: `${root}${wanted.path}` })
    return answer.ok ? jsonOf(answer.value, schema) : answer
  }

  async #done(wanted: ClientRequest): Answer<void> {
    const answer = await this.connection.succeed({ ...wanted, path: `${root}${wanted.path}` })
    if (!answer.ok) return answer
    drop(answer.value.body)
    return ok(undefined)
  }
}

/** A list of builds. */
export interface BuildsOf {
  readonly path: string
  readonly query: URLSearchParams
}

export function buildsOf(of: { readonly team?: string; readonly pipeline?: PipelineRef; readonly job?: JobRef }): BuildsOf {
  if (of.job !== undefined) return { path: `${pathOf(of.job.pipeline)}/jobs/${escaped(of.job.job)}/builds`, query: varsOf(of.job.pipeline) }
  if (of.pipeline !== undefined) return { path: `${pathOf(of.pipeline)}/builds`, query: varsOf(of.pipeline) }
  return { path: of.team === undefined ? '/builds' : `/teams/${escaped(of.team)}/builds`, query: new URLSearchParams() }
}

const root = '/api/v1'
const escaped = (name: string): string => encodeURIComponent(name).replace(/^\.{1,2}$/, (dots) => dots.replaceAll('.', '%2E'))
const pathOf = ({ team, name }: PipelineRef): string => `/teams/${escaped(team)}/pipelines/${escaped(name)}`
const varsOf = ({ instanceVars }: PipelineRef): URLSearchParams => new URLSearchParams(instanceVars === undefined ? {} : { vars: JSON.stringify(instanceVars) })

const configQuery = (ref: PipelineRef, checkCreds: boolean): URLSearchParams => new URLSearchParams([...varsOf(ref), ...(checkCreds ? [['check_creds', ''] as [string, string]] : [])])

function withLimit(query: URLSearchParams, limit: number): URLSearchParams {
  const limited = new URLSearchParams(query)
  limited.set('limit', String(limit))
  return limited
}

async function jsonOf<S extends z.ZodType>({ body, status }: ClientAnswer, schema: S): Answer<z.output<S>> {
  const unexpected = (message: string) => fail({ kind: 'unexpected', message } as const)
  let bytes: Buffer
  try {
    bytes = await bytesOf(body, mostBytes)
  } catch (error) {
    return fail({ kind: 'unreachable', message: `the connection broke in the middle of the answer: ${messageOf(error)}` })
  }
  if (bytes.length > mostBytes) return unexpected(`the answer is longer than ${mostBytes / 1024 / 1024} MiB`)
  const json = parseBoundedJson(bytes, bounds)
  if (!json.ok) return unexpected(`the answer (${status}) is no JSON of the API: ${json.error}`)
  const parsed = tolerant(schema).safeParse(json.value)
  if (parsed.success) return ok(parsed.data as z.output<S>)
  const [issue] = parsed.error.issues
  return unexpected(`the answer is not what the API promises: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
