import { hasRole } from '../../auth/roles.ts'
import type { Job, Pipeline } from '../../model/pipeline.ts'
import type { JobBuilds } from '../ports.ts'
import type { ListedJobConfig } from '../present/listed-config.ts'
import { presentJob, presentJobSummary, type JobToPresent } from '../present/pipelines.ts'
import { keptOf } from '../lists/kept-lists.ts'
import { empty, errorsOf, jsonOf, text } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { buildSchema, cachesRemovedSchema, jobSchema, jobSummarySchema } from '../schemas.ts'
import { notFound } from '../reply.ts'
import { listAudience } from '../visible.ts'
import { shown } from './builds.ts'
import { nameOf, pauseAsked } from './pipelines.ts'
import { requestedBuild } from './requested-build.ts'

export interface ActiveJob {
  readonly pipeline: Pipeline
  readonly job: Job
  readonly config: ListedJobConfig
  readonly builds: JobBuilds
}

/** Jobs that the pipelines' configs have, in their order, with their builds: one query for all rows, one for all builds. */
export async function activeJobs({ pipelines: store, lists, listedConfigs }: ApiServices, pipelines: readonly Pipeline[]): Promise<ActiveJob[]> {
  const ids = pipelines.map(({ id }) => id)
  const [builds, rows] = await Promise.all([lists.ofJobs(ids), store.jobsOf(ids)])
  const ofPipeline = Map.groupBy(rows.filter(({ active }) => active), ({ pipelineId }) => pipelineId)
  const jobs = await Promise.all(
    pipelines.map(async (pipeline) => {
      const config = await listedConfigs.ifReadable(pipeline)
      const byName = new Map((ofPipeline.get(pipeline.id) ?? []).map((job) => [job.name, job]))
      return (config?.jobs ?? []).flatMap((own) => {
        const job = byName.get(own.name)
        return job === undefined ? [] : [{ pipeline, job, config: own, builds: builds.get(job.id) ?? {} }]
      })
    }),
  )
  return jobs.flat()
}

/** Of all pipelines that the caller may see. */
export const listAllJobs: Handler = async (services, { principal }) => {
  const { key, member } = listAudience(principal)
  return keptOf(services.keptLists, jobSummarySchema.array(), `jobs ${key}`, async () => {
    const pipelines = (await services.pipelines.list()).filter((pipeline) => pipeline.public || member(pipeline.team))
    return (await activeJobs(services, pipelines)).map((job) => presentJobSummary({ ...job, member: member(job.pipeline.team) }))
  })
}

export const listJobs: Handler<'pipeline'> = async (services, { principal }, { pipeline }) => {
  const member = hasRole(principal, pipeline.team, 'viewer')
  const jobs = await (pipeline.archived ? archivedJobs(services, pipeline) : activeJobs(services, [pipeline]))
  return jsonOf(jobSummarySchema.array(), jobs.map((job) => presentJobSummary({ ...job, member })))
}

/** An archived pipeline has no config any more, but its jobs and their builds. */
async function archivedJobs({ pipelines, lists }: ApiServices, pipeline: Pipeline): Promise<Omit<JobToPresent, 'member'>[]> {
  const [builds, jobs] = await Promise.all([lists.ofJobs([pipeline.id]), pipelines.jobs(pipeline.id)])
  return jobs.filter(({ active }) => active).map((job) => ({ pipeline, job, config: undefined, builds: builds.get(job.id) ?? {} }))
}

export const getJob: Handler<'pipeline' | 'job'> = async ({ lists, listedConfigs }, { principal }, { pipeline, job }) => {
  const builds = (await lists.ofJobs([pipeline.id])).get(job.id) ?? {}
  const config = (await listedConfigs.of(pipeline))?.jobs.find(({ name }) => name === job.name)
  return jsonOf(jobSchema, presentJob({ pipeline, job, config, builds, member: hasRole(principal, pipeline.team, 'viewer') }))
}

export const createJobBuild: Handler<'pipeline' | 'job'> = async ({ configs, jobs, lists, clock, refusedVersions }, request, { pipeline, job }) => {
  const { principal } = request
  const config = (await configs.of(pipeline))?.jobs?.find(({ name }) => name === job.name)
  if (config?.disable_manual_trigger === true) return text(409, 'manual triggering of this job is disabled')
  const wanted = requestedBuild(request, config)
  if (!wanted.ok) return wanted.error
  const refused = wanted.value.versions ? await refusedVersions(job.id, wanted.value.versions) : []
  if (refused.length > 0) return text(422, refused.join('\n'))
  const build = await lists.get(await jobs.trigger(job.id, nameOf(principal), clock.now(), wanted.value))
  return build === undefined ? notFound : jsonOf(buildSchema, shown(principal, build))
}

export const pauseJob: Handler<'job'> = async (services, request, { job }) => {
  const pause = pauseAsked(services, request, job.pause)
  if (!pause.ok) return pause.error
  await services.pipelines.setJobPaused(job.id, pause.value)
  return empty(200)
}

export const unpauseJob: Handler<'job'> = async ({ pipelines, jobs }, _request, { job }) => {
  await pipelines.setJobPaused(job.id, undefined)
  jobs.wake()
  return empty(200)
}

/** Has the scheduler look at its pending builds now. */
export const scheduleJob: Handler<'job'> = ({ jobs }) => {
  jobs.wake()
  return Promise.resolve(empty(200))
}

/** A job that is not there is named, since fly shows that. */
export const clearTaskCache: Handler<'pipeline'> = async ({ pipelines, taskCaches }, { params, query }, { pipeline }) => {
  const { job_name: name = '' } = params
  const job = (await pipelines.jobs(pipeline.id)).find((one) => one.active && one.name === name)
  if (job === undefined) return errorsOf(404, [{ title: 'Job Not Found Error', detail: `Job with name '${name}' not found.`, status: '404' }])
  const path = query.get('cache_path') ?? ''
  return jsonOf(cachesRemovedSchema, { caches_removed: await taskCaches.clear(job.id, params['step_name'] ?? '', path === '' ? undefined : path) })
}
