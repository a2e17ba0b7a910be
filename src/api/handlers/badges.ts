import { hasRole } from '../../auth/roles.ts'
import type { FinalStatus } from '../../model/event.ts'
import { badge, worst } from '../present/badge.ts'
import { ccXml } from '../present/cc.ts'
import { empty, notFound, type Reply } from '../reply.ts'
import type { ApiRequest, Handler } from '../request.ts'
import { activeJobs } from './jobs.ts'
import { teamNamed } from './teams.ts'

export const jobBadge: Handler<'pipeline' | 'job'> = async ({ lists }, request, { pipeline, job }) =>
  drawn(request, finalStatus((await lists.ofJobs([pipeline.id])).get(job.id)?.finished?.status))

/** The worst of its jobs' last builds. */
export const pipelineBadge: Handler<'pipeline'> = async (services, request, { pipeline }) => {
  const jobs = await activeJobs(services, [pipeline])
  return drawn(request, worst(jobs.flatMap(({ builds }) => finalStatus(builds.finished?.status) ?? [])))
}

export const mainJobBadge: Handler = (_services, { params }) =>
  Promise.resolve(empty(301, { Location: `/api/v1/teams/main/pipelines/${encodeURIComponent(params['pipeline_name'] ?? '')}/jobs/${encodeURIComponent(params['job_name'] ?? '')}/badge` }))

/** Public pipelines only for whoever has no role in the team. */
export const getCc: Handler = async (services, { principal, params }) => {
  const team = params['team_name'] ?? ''
  const member = hasRole(principal, team, 'viewer')
  if (member && (await teamNamed(services, team)) === undefined) return notFound
  const pipelines = (await services.pipelines.list(team)).filter((pipeline) => pipeline.public || member)
  return { kind: 'text', status: 200, text: ccXml(await activeJobs(services, pipelines), services.externalUrl), type: 'application/xml' }
}

const drawn = ({ query }: ApiRequest, status: FinalStatus | undefined): Reply => ({
  kind: 'text',
  status: 200,
  text: badge(status, query.get('title') ?? ''),
  type: 'image/svg+xml',
  headers: { 'Cache-Control': 'no-cache, no-store, must-revalidate', Expires: '0' },
})

const finalStatus = (status: string | undefined): FinalStatus | undefined => (status === undefined || status === 'pending' || status === 'started' ? undefined : (status as FinalStatus))
