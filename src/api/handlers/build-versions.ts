import { pipelineToJson } from '../../config/wire.ts'
import { resourceOf, stepsOfJob } from '../../config/walk-steps.ts'
import type { JsonObject } from '../../model/json.ts'
import { presentCausality } from '../present/causality.ts'
import { jsonOf, notFound, text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { buildResourcesSchema, buildSchema, causalitySchema, jobInputSchema, versionsDumpSchema } from '../schemas.ts'
import { shown } from './builds.ts'
import { nameOf } from './pipelines.ts'
import { versionId } from './resources.ts'

export const buildResources: Handler<'build'> = async ({ buildVersions }, _request, { build }) => {
  const { inputs, outputs } = await buildVersions.ofBuild(build.id)
  return jsonOf(buildResourcesSchema, {
    inputs: inputs.map(({ name, version, pipelineId, firstOccurrence }) => ({ name, version, pipeline_id: pipelineId, first_occurrence: firstOccurrence })),
    outputs: outputs.map(({ name, version }) => ({ name, version })),
  })
}

export const buildsWithVersion = (as: 'input' | 'output'): Handler<'resource'> => async ({ resources, buildVersions, lists }, { principal, params }, { resource }) => {
  const id = versionId(params)
  if (id === undefined) return text(400, 'a version id is a number')
  if ((await resources.version(resource, id)) === undefined) return notFound
  const builds = await lists.byIds(await buildVersions.buildsWith(as, resource.id, id))
  return jsonOf(buildSchema.array(), builds.toSorted((a, b) => b.id - a.id).map((build) => shown(principal, build)))
}

export const causality = (direction: 'downstream' | 'upstream'): Handler<'resource'> => async ({ resources, buildVersions }, { params }, { resource }) => {
  const id = versionId(params)
  if (id === undefined) return text(400, 'a version id is a number')
  if ((await resources.version(resource, id)) === undefined) return notFound
  const causes = await buildVersions.causes(direction, resource.id, id)
  return jsonOf(causalitySchema, presentCausality(causes, direction, resource.id))
}

/** What the job's next build would take: it holds sources and params, and is for members alone. */
export const listJobInputs: Handler<'pipeline' | 'job'> = async ({ configs, nextInputs }, _request, { pipeline, job }) => {
  const config = await configs.of(pipeline)
  const own = config?.jobs?.find(({ name }) => name === job.name)
  const next = own && (await nextInputs(job.id))
  if (config === undefined || own === undefined || next === undefined) return notFound
  const gets = new Map([...stepsOfJob(own)].flatMap(({ step }) => (step.kind === 'get' ? [[step.get, step] as const] : [])))
  const resources = new Map(((pipelineToJson(config)['resources'] ?? []) as JsonObject[]).map((one) => [one['name'], one]))
  return jsonOf(
    jobInputSchema.array(),
    next.map(({ name, resource, version }) => {
      const get = gets.get(name)
      const of = resources.get(get === undefined ? resource : resourceOf(get))
      return {
        name,
        resource,
        type: String(of?.['type'] ?? ''),
        source: (of?.['source'] ?? {}) as Record<string, unknown>,
        version,
        ...(get?.params && { params: get.params as Record<string, unknown> }),
        ...(get?.tags && { tags: [...get.tags] }),
      }
    }),
  )
}

export const rerunJobBuild: Handler<'pipeline' | 'job'> = async ({ configs, jobs, lists, clock, notReusable }, { principal, params, query }, { pipeline, job }) => {
  const config = (await configs.of(pipeline))?.jobs?.find(({ name }) => name === job.name)
  if (config?.disable_reruns === true) return text(409, 'rerunning builds of this job is disabled')
  const original = await lists.ofJob(job.id, params['build_name'] ?? '')
  if (original === undefined) return notFound
  const before = query.get('from') ?? ''
  const reuse = before === '' ? undefined : { build: original.id, before }
  const refused = reuse && (await notReusable(reuse))
  if (refused !== undefined) return text(409, refused)
  const made = await jobs.rerun(original.id, nameOf(principal), clock.now(), reuse)
  if (!made.ok) return made.error === 'no-build' ? notFound : text(409, `build ${original.name} never had inputs, so it cannot be run with the same ones again`)
  const build = await lists.get(made.value)
  return build === undefined ? notFound : jsonOf(buildSchema, shown(principal, build))
}

/** For debugging: all that versions are chosen by. */
export const getVersionsDb: Handler<'pipeline'> = async ({ buildVersions }, _request, { pipeline }) => {
  const { jobs, resources, versions, outputs, inputs, reruns } = await buildVersions.dump(pipeline.id)
  const versionOf = ({ version, resource, checkOrder, scope }: (typeof versions)[number]) => ({ VersionID: version, ResourceID: resource, CheckOrder: checkOrder, ScopeID: scope })
  return jsonOf(versionsDumpSchema, {
    Jobs: jobs.map(({ name, id }) => ({ Name: name, ID: id })),
    Resources: resources.map(({ name, id, scope }) => ({ Name: name, ID: id, ScopeID: scope })),
    ResourceVersions: versions.map(versionOf),
    BuildOutputs: outputs.map(({ build, job, ...one }) => ({ ...versionOf(one), BuildID: build, JobID: job })),
    BuildInputs: inputs.map(({ build, job, input, ...one }) => ({ ...versionOf(one), BuildID: build, JobID: job, InputName: input })),
    BuildReruns: reruns.map(({ build, job, rerunOf }) => ({ BuildID: build, JobID: job, RerunOf: rerunOf })),
  })
}
