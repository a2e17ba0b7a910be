import { hasRole, type Principal } from '../../auth/roles.ts'
import { decodePlan } from '../../planner/plan-json.ts'
import { publicPlan } from '../../planner/public-plan.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import { bodyOf, commentBody } from '../bodies.ts'
import { takesGzip } from '../events/gzip.ts'
import { Watcher } from '../events/watcher.ts'
import { linkOf, pageOf } from '../paging.ts'
import type { BuildFilter } from '../ports.ts'
import { presentBuild, presentInFull, presentPreparation } from '../present/builds.ts'
import { empty, jsonOf, notFound, text, type Reply } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { buildSchema, planSchema, preparationSchema } from '../schemas.ts'
import { visibleTeams } from '../visible.ts'
import { teamNamed } from './teams.ts'

export const shown = (principal: Principal, build: ListedBuild) => presentBuild(build, hasRole(principal, build.team, 'viewer'))

export const inFull = (principal: Principal, build: ListedBuild) => presentInFull(build, hasRole(principal, build.team, 'viewer'))

export const getJobBuild: Handler<'job'> = async ({ lists }, { principal, params }, { job }) => {
  const build = await lists.ofJob(job.id, params['build_name'] ?? '')
  return build === undefined ? notFound : jsonOf(buildSchema, inFull(principal, build))
}

export const getBuild: Handler<'build'> = (_services, { principal }, { build }) => Promise.resolve(jsonOf(buildSchema, inFull(principal, build)))

export const listBuilds: Handler = (services, request) => {
  const teams = visibleTeams(request.principal)
  return listed(services, request, teams === undefined ? { kind: 'all' } : { kind: 'visible', teams })
}
export const listTeamBuilds: Handler = async (services, request) => {
  const team = request.params['team_name'] ?? ''
  // An admin may look into any team.
  if ((await teamNamed(services, team)) === undefined) return notFound
  return listed(services, request, { kind: 'team', team })
}
export const listPipelineBuilds: Handler<'pipeline'> = (services, request, { pipeline }) => listed(services, request, { kind: 'pipeline', pipelineId: pipeline.id })
export const listJobBuilds: Handler<'job'> = (services, request, { job }) => listed(services, request, { kind: 'job', jobId: job.id })

async function listed({ lists, externalUrl }: ApiServices, { principal, path, query }: ApiRequest, filter: BuildFilter): Promise<Reply> {
  const page = pageOf(query)
  if (!page.ok) return text(400, page.error)
  const { builds, ...around } = await lists.page(filter, page.value)
  const present = filter.kind === 'job' ? inFull : shown
  return jsonOf(buildSchema.array(), builds.map((build) => present(principal, build)), { headers: linkOf(`${externalUrl}${path}`, query, page.value.limit, around) })
}

export const setBuildComment: Handler<'build'> = async ({ lists }, request, { build }) => {
  const body = bodyOf(request, commentBody)
  if (!body.ok) return body.error
  await lists.comment(build.id, body.value.comment)
  return empty(200)
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

export const buildEvents: Handler<'build'> = ({ hub, seats, clock }, { principal, address, headers, stillAllowed }, { build }) => {
  const last = headers['last-event-id']?.toString() ?? ''
  if (!/^\d{0,15}$/.test(last)) return Promise.resolve(text(400, 'Last-Event-ID must be a number'))
  // To fly a 503 means: come back in a second.
  if (hub.closed) return Promise.resolve(text(503, 'this server is about to stop; another one goes on with the build'))
  const free = seats.take(principal.kind === 'user' ? { kind: 'principal', of: String(principal.token.ownerId) } : { kind: 'address', of: address })
  if (free === undefined) return Promise.resolve(text(503, 'too many event streams are open; try again when some have ended'))
  const after = last === '' ? -1 : Number(last)
  return Promise.resolve({ kind: 'stream', write: (response) => hub.watch({ buildId: build.id, after, sink: new Watcher(response, clock, { gzip: takesGzip(headers['accept-encoding']) }), stillAllowed }).finally(free) })
}
