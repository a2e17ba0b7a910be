import { hasRole, type Principal } from '../../auth/roles.ts'
import { decide, type Target } from '../access.ts'
import type { ApiServices } from '../request.ts'
import { visibleTeams } from '../visible.ts'
import type { Topic } from './topic.ts'

/** Why a subscription is refused: as the status of an HTTP answer. `410`: it is gone. */
export type Refusal = 400 | 401 | 403 | 404 | 410 | 429

/**
 * For whom a topic's items are made: callers of one audience see the same, so that they are made and encoded once for all of them.
 * `member`: has a role in the team. `log`: no role, but the log is public.
 */
export type Audience =
  | { readonly kind: 'person'; readonly principal: Extract<Principal, { kind: 'user' }> }
  | { readonly kind: 'teams'; readonly teams: readonly string[] | undefined }
  | { readonly kind: 'member' | 'log' | 'public' }

export type Allowed = { readonly ok: true; readonly audience: Audience; /** Of a build that is one of a pipeline. */ readonly pipelineId?: number } | { readonly ok: false; readonly error: Refusal; /** A build that is not there (any more): builds of checks go when the next one follows. */ readonly missingBuild?: boolean }

const nowhere: Target = { pipelinePublic: false, jobPublic: false }
const allowed = (audience: Audience, pipelineId?: number): Allowed => ({ ok: true, audience, ...(pipelineId !== undefined && { pipelineId }) })

/** Decides on a topic as its routes would; the same answer for what is not there as for what is hidden, unless the caller may see everything. */
export async function allow(services: ApiServices, principal: Principal, topic: Topic): Promise<Allowed> {
  if (principal.kind === 'invalid') return { ok: false, error: 401 }
  switch (topic.kind) {
    case 'me':
      return principal.kind === 'user' ? allowed({ kind: 'person', principal }) : { ok: false, error: 401 }
    // The message to everybody, as its route.
    case 'wall':
      return allowed({ kind: 'public' })
    case 'dashboard':
    case 'unfinished':
    case 'builds':
      return allowed({ kind: 'teams', teams: visibleTeams(principal) })
    case 'pipeline':
      return onPipeline(services, principal, topic.id, 'GetPipeline')
    case 'job':
      return onPipeline(services, principal, await services.places.pipelineOfJob(topic.id), 'GetJob')
    case 'resource':
      return onPipeline(services, principal, await services.places.pipelineOfResource(topic.id), 'GetResource')
    case 'build':
    case 'events': {
      const build = await services.lists.get(topic.id)
      const target = build ?? nowhere
      const refused = decideAs(services, principal, target, topic.kind === 'events' ? 'BuildEvents' : 'GetBuild')
      if (refused !== undefined || build === undefined) return { ok: false, error: refused ?? 404, missingBuild: topic.kind === 'build' && build === undefined }
      const { pipelineId } = build.scope
      if (hasRole(principal, build.team, 'viewer')) return allowed({ kind: 'member' }, pipelineId)
      return allowed({ kind: decideAs(services, principal, target, 'ListBuildSteps') === undefined ? 'log' : 'public' }, pipelineId)
    }
  }
}

async function onPipeline(services: ApiServices, principal: Principal, id: number | undefined, route: string): Promise<Allowed> {
  const pipeline = id === undefined ? undefined : await services.pipelines.get(id)
  const target = pipeline === undefined ? nowhere : { team: pipeline.team, pipelinePublic: pipeline.public, jobPublic: false }
  const refused = decideAs(services, principal, target, route)
  if (refused !== undefined || pipeline === undefined) return { ok: false, error: refused ?? 404 }
  return allowed({ kind: hasRole(principal, pipeline.team, 'viewer') ? 'member' : 'public' })
}

/** By the route's row, whose role config-rbac may have changed. */
function decideAs({ routes }: ApiServices, principal: Principal, target: Target, name: string): 401 | 403 | undefined {
  const route = routes.find((one) => one.name === name)
  const decision = route === undefined ? 'forbidden' : decide(route.access, principal, target)
  return decision === 'allow' ? undefined : decision === 'unauthenticated' ? 401 : 403
}

export function audienceKey(audience: Audience): string {
  switch (audience.kind) {
    case 'person':
      return `person ${audience.principal.token.id} ${JSON.stringify([...audience.principal.roles])} ${audience.principal.admin}`
    case 'teams':
      return audience.teams === undefined ? 'all' : `teams ${JSON.stringify(audience.teams.toSorted())}`
    case 'member':
    case 'log':
    case 'public':
      return audience.kind
  }
}
