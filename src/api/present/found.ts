import type { z } from 'zod'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { PipelineRef } from '../../model/pipeline.ts'
import { instanceName } from '../instance-vars.ts'
import type { FoundName, FoundVersion } from '../web-ports.ts'
import type { foundSchema } from '../web-schemas.ts'
import { pageUrl } from './page-url.ts'

export type Found = z.input<typeof foundSchema>

export function presentName({ kind, name, pipeline, status }: FoundName): Found {
  switch (kind) {
    case 'pipeline':
      return { kind, title: instanceName(pipeline), where: `pipeline of team ${pipeline.team}`, url: pageUrl(pipeline) }
    case 'job':
      return { kind, title: name, where: `job of ${placeOf(pipeline)}`, url: pageUrl(pipeline, 'jobs', name), ...(status !== undefined && { status }) }
    case 'resource':
      return { kind, title: name, where: `resource of ${placeOf(pipeline)}`, url: pageUrl(pipeline, 'resources', name) }
  }
}

/** The resource's page, with the versions that are like it. */
export function presentVersion({ resource, version, pipeline }: FoundVersion): Found {
  const parts = Object.entries(version)
  const url = pageUrl(pipeline, 'resources', resource)
  const filter = new URLSearchParams(parts.map(([key, value]): [string, string] => ['filter', `${key}:${value}`])).toString()
  return { kind: 'version', title: parts.map(([key, value]) => `${key}: ${value}`).join(', '), where: `version of ${resource} in ${placeOf(pipeline)}`, url: `${url}${url.includes('?') ? '&' : '?'}${filter}` }
}

export function presentFoundBuild({ id, name, status, team, job, pipeline: of, pipelineInstanceVars }: ListedBuild): Found {
  const pipeline: PipelineRef | undefined = of === undefined ? undefined : { team, name: of, ...(pipelineInstanceVars && { instanceVars: pipelineInstanceVars }) }
  if (pipeline === undefined || job === undefined) return { kind: 'build', title: `build ${id}`, where: pipeline === undefined ? `one-off build of team ${team}` : `build of ${placeOf(pipeline)}`, url: `/builds/${id}`, status }
  return { kind: 'build', title: `${job} #${name}`, where: `build of ${placeOf(pipeline)}`, url: pageUrl(pipeline, 'jobs', job, 'builds', name), status }
}

const placeOf = (pipeline: PipelineRef): string => `${pipeline.team}/${instanceName(pipeline)}`
