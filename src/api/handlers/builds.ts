import { hasRole, type Principal } from '../../auth/roles.ts'
import { decodePlan } from '../../planner/plan-json.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import { linkOf, pageOf } from '../paging.ts'
import type { BuildFilter } from '../ports.ts'
import { presentBuild, presentPreparation } from '../present/builds.ts'
import { presentJob, presentJobSummary } from '../present/pipelines.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { buildSchema, jobSchema, jobSummarySchema, planSchema, preparationSchema } from '../schemas.ts'
import { nameOf } from './pipelines.ts'

const shown = (principal: Principal, build: ListedBuild) => presentBuild(build, hasRole(principal, build.team, 'viewer'))

export const listJobs: Handler<'pipeline'> = async ({ pipelines, lists, configs }, { principal }, { pipeline }) => {
  const config = (await configs.of(pipeline)) ?? {}
  const [jobs, builds] = [await pipelines.jobs(pipeline.id), await lists.ofJobs(pipeline.id)]
  const member = hasRole(principal, pipeline.team, 'viewer')
  const byName = new Map(jobs.filter(({ active }) => active).map((job) => [job.name, job]))
  const ordered = (config.jobs ?? []).flatMap(({ name }) => byName.get(name) ?? [])
  return jsonOf(jobSummarySchema.array(), ordered.map((job) => presentJobSummary({ pipeline, job, config, builds: builds.get(job.id) ?? {}, member })))
}

export const getJob: Handler<'pipeline' | 'job'> = async ({ lists, configs }, { principal }, { pipeline, job }) => {
  const builds = (await lists.ofJobs(pipeline.id)).get(job.id) ?? {}
  return jsonOf(jobSchema, presentJob({ pipeline, job, config: (await configs.of(pipeline)) ?? {}, builds, member: hasRole(principal, pipeline.team, 'viewer') }))
}

export const createJobBuild: Handler<'pipeline' | 'job'> = async ({ configs, jobs, lists, clock }, { principal }, { pipeline, job }) => {
  const config = (await configs.of(pipeline))?.jobs?.find(({ name }) => name === job.name)
  if (config?.disable_manual_trigger === true) return text(409, 'manual triggering of this job is disabled')
  const build = await lists.get(await jobs.trigger(job.id, nameOf(principal), clock.now()))
  return build === undefined ? notFound : jsonOf(buildSchema, shown(principal, build))
}

export const getJobBuild: Handler<'job'> = async ({ lists }, { principal, params }, { job }) => {
  const build = await lists.ofJob(job.id, params['build_name'] ?? '')
  return build === undefined ? notFound : jsonOf(buildSchema, shown(principal, build))
}

export const getBuild: Handler<'build'> = (_services, { principal }, { build }) => Promise.resolve(jsonOf(buildSchema, shown(principal, build)))

export const listBuilds: Handler = (services, request) => {
  const { principal } = request
  const visible = principal.kind === 'user' ? [...principal.roles.keys()] : []
  return listed(services, request, principal.kind === 'user' && principal.admin ? { kind: 'all' } : { kind: 'visible', teams: visible })
}
export const listTeamBuilds: Handler = (services, request) => listed(services, request, { kind: 'team', team: request.params['team_name'] ?? '' })
export const listPipelineBuilds: Handler<'pipeline'> = (services, request, { pipeline }) => listed(services, request, { kind: 'pipeline', pipelineId: pipeline.id })
export const listJobBuilds: Handler<'job'> = (services, request, { job }) => listed(services, request, { kind: 'job', jobId: job.id })

async function listed({ lists, externalUrl }: ApiServices, { principal, path, query }: ApiRequest, filter: BuildFilter): Promise<Reply> {
  if ((query.get('timestamps') ?? '') !== '') return text(501, 'builds between two times cannot be listed yet; use ids')
  const page = pageOf(query)
  if (!page.ok) return text(400, page.error)
  const builds = await lists.page(filter, page.value)
  return jsonOf(buildSchema.array(), builds.map((build) => shown(principal, build)), { headers: linkOf(`${externalUrl}${path}`, query, page.value, builds) })
}

export const abortBuild: Handler<'build'> = async ({ builds, clock }, _request, { build }) => {
  await builds.requestAbort(build.id, clock.now())
  return empty(204)
}

export const getBuildPlan: Handler<'build'> = async ({ builds }, _request, { build }) => {
  const plan = decodePlan((await builds.get(build.id))?.context?.['plan'] ?? null)
  return plan.ok ? jsonOf(planSchema, { schema: 'exec.v2', plan: publicPlan(plan.value) }) : notFound
}

export const getBuildPreparation: Handler<'build'> = (_services, _request, { build }) => Promise.resolve(jsonOf(preparationSchema, presentPreparation(build)))

export const buildEvents: Handler<'build'> = ({ hub }, { headers, stillAllowed }, { build }) => {
  const last = headers['last-event-id']?.toString() ?? ''
  if (!/^\d{0,15}$/.test(last)) return Promise.resolve(text(400, 'Last-Event-ID must be a number'))
  return Promise.resolve({ kind: 'stream', write: (response) => hub.watch(build.id, last === '' ? -1 : Number(last), response, stillAllowed) })
}
