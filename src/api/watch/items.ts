import type { z } from 'zod'
import type { Principal } from '../../auth/roles.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import { presentedUser } from '../handlers/general.ts'
import { activeJobs } from '../handlers/jobs.ts'
import { presentedResources, showsMetadata } from '../handlers/resources.ts'
import { configOfBuild, stepsOf } from '../handlers/steps.ts'
import { whyOf, whyOfBuild } from '../handlers/why.ts'
import { pageOf } from '../paging.ts'
import { presentBuild, presentInFull } from '../present/builds.ts'
import { presentCard } from '../present/cards.ts'
import { presentJob, presentJobSummary, presentPipeline } from '../present/pipelines.ts'
import { presentVersion } from '../present/resources.ts'
import type { ApiServices } from '../request.ts'
import type { buildSchema } from '../schemas.ts'
import type * as web from '../web-schemas.ts'
import type { Audience } from './allow.ts'
import type { ListTopic } from './topic.ts'

export interface Item {
  readonly id: number | string
}

type Input<S extends z.ZodType> = z.input<S>

const newest = { limit: 100 }
/** Characters of a comment in a list of builds: a hundred of the longest would be megabytes. */
export const shortComment = 1_000

/** What a topic holds now, for an audience; undefined: it is gone, or hidden from this audience by now. */
export async function itemsOf(services: ApiServices, topic: ListTopic, audience: Audience): Promise<readonly Item[] | undefined> {
  const member = audience.kind === 'member'
  switch (topic.kind) {
    case 'me':
      return audience.kind === 'person' ? meItems(services, audience.principal) : undefined
    case 'wall':
      return wallItems(services)
    case 'dashboard': {
      const teams = audience.kind === 'teams' ? audience.teams : []
      return (await services.dashboard.pipelines(teams)).map((pipeline) => presentCard(pipeline, teams === undefined || teams.includes(pipeline.team)))
    }
    case 'unfinished': {
      const teams = audience.kind === 'teams' ? audience.teams : []
      return unfinishedItems(services, teams)
    }
    case 'builds':
      return buildsOf(services, topic.query, audience)
    case 'pipeline': {
      const pipeline = await visible(services, topic.id, member)
      return pipeline && pipelineItems(services, pipeline, member)
    }
    case 'job': {
      const pipeline = await visible(services, await services.places.pipelineOfJob(topic.id), member)
      return pipeline && jobItems(services, pipeline, topic.id, member)
    }
    case 'resource': {
      const pipeline = await visible(services, await services.places.pipelineOfResource(topic.id), member)
      return pipeline && resourceItems(services, pipeline, topic.id, member)
    }
    case 'build':
      return buildItems(services, topic.id, audience)
  }
}

const meItems = async (services: ApiServices, principal: Extract<Principal, { kind: 'user' }>): Promise<readonly Input<typeof web.meItemSchema>[]> => [{ id: 'me', user: await presentedUser(services, principal) }]

async function wallItems({ wall, clock }: ApiServices): Promise<readonly Input<typeof web.wallItemSchema>[]> {
  const shown = await wall.get(clock.now())
  return shown === undefined ? [] : [{ id: 'wall', message: shown.message }]
}

async function unfinishedItems({ dashboard }: ApiServices, teams: readonly string[] | undefined): Promise<readonly Input<typeof web.unfinishedItemSchema>[]> {
  return [{ id: 'unfinished', ...(await dashboard.unfinished(teams)) }]
}

async function visible({ pipelines }: ApiServices, id: number | undefined, member: boolean): Promise<Pipeline | undefined> {
  const pipeline = id === undefined ? undefined : await pipelines.get(id)
  return pipeline !== undefined && (member || pipeline.public) ? pipeline : undefined
}

async function pipelineItems(services: ApiServices, pipeline: Pipeline, member: boolean): Promise<readonly Input<typeof web.pipelineItemSchema>[]> {
  const [config, jobs, resources] = await Promise.all([services.listedConfigs.ifReadable(pipeline), activeJobs(services, [pipeline]), services.resources.list([pipeline.id])])
  const shown = await presentedResources(services, member, [pipeline], resources)
  return [
    { id: 'pipeline', pipeline: presentPipeline(pipeline, config, member) },
    ...jobs.map((job) => ({ id: `job/${job.job.name}`, job: presentJobSummary({ ...job, member }) })),
    ...shown.map((resource) => ({ id: `resource/${resource.name}`, resource })),
  ]
}

async function jobItems(services: ApiServices, pipeline: Pipeline, jobId: number, member: boolean): Promise<readonly Input<typeof web.jobItemSchema>[] | undefined> {
  const [known, { builds }] = await Promise.all([activeJobs(services, [pipeline]), services.lists.page({ kind: 'job', jobId }, newest)])
  const job = known.find(({ job: { id } }) => id === jobId)
  if (job === undefined) return undefined
  return [
    { id: 'job', job: presentJob({ ...job, member }) },
    // It may quote what a check says, which is for members.
    ...(member ? [{ id: 'why' as const, why: await whyOf(services, pipeline, job.job) }] : []),
    ...builds.map((build) => ({ id: `build/${build.id}`, build: presentInFull(withShortComment(build), member) })),
  ]
}

const withShortComment = (build: ListedBuild): ListedBuild => (build.comment === undefined || build.comment.length <= shortComment ? build : { ...build, comment: `${build.comment.slice(0, shortComment)}…` })

async function resourceItems(services: ApiServices, pipeline: Pipeline, id: number, member: boolean): Promise<readonly Input<typeof web.resourceItemSchema>[] | undefined> {
  const resource = (await services.resources.list([pipeline.id])).find((one) => one.id === id)
  if (resource === undefined) return undefined
  const [[shown], { versions }, withMetadata] = await Promise.all([presentedResources(services, member, [pipeline], [resource]), services.resources.versions(resource, newest, {}), showsMetadata(services, member, pipeline, resource)])
  if (shown === undefined) return undefined
  return [{ id: 'resource', resource: shown }, ...versions.map((version) => ({ id: `version/${version.id}`, version: presentVersion(version, withMetadata) }))]
}

async function buildItems(services: ApiServices, id: number, audience: Audience): Promise<readonly Input<typeof web.buildItemSchema>[] | undefined> {
  const build = await services.lists.get(id)
  const member = audience.kind === 'member'
  if (build === undefined || (!member && !(build.pipelinePublic && (audience.kind === 'public' || build.jobPublic)))) return undefined
  const { steps } = audience.kind === 'public' ? { steps: [] } : await stepsOf(services, build, member)
  const [why, config] = member ? await Promise.all([whyOfBuild(services, build), configOfBuild(services, build)]) : []
  return [{ id: 'build', build: presentInFull(build, member), ...(why && { why }), ...(config && { config }) }, ...steps.map((step) => ({ id: `step/${step.id}`, step }))]
}

async function buildsOf({ lists }: ApiServices, query: string, audience: Audience): Promise<readonly Input<typeof buildSchema>[]> {
  const search = new URLSearchParams(query)
  const page = pageOf(search)
  const teams = audience.kind === 'teams' ? audience.teams : []
  if (!page.ok) return []
  const wanted = { ...page.value, limit: Math.min(page.value.limit, newest.limit) }
  const team = search.get('team') ?? ''
  const mayList = teams === undefined || teams.includes(team)
  const { builds } = await lists.page(team !== '' && mayList ? { kind: 'team', team } : teams === undefined ? { kind: 'all' } : { kind: 'visible', teams }, wanted)
  return builds.filter((build) => team === '' || build.team === team).map((build) => presentBuild(build, teams === undefined || teams.includes(build.team)))
}
