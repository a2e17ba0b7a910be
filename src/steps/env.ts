import { goJson } from '../lib/go-json.ts'
import type { ImageConfig } from '../model/image.ts'
import type { Json } from '../model/json.ts'
import type { BuildFacts } from './ports.ts'

/** A task param as an environment variable's value (Concourse: atc.TaskEnv): null is empty, lists and maps are JSON as Go writes it. */
export function envValue(value: Json): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : goJson(value)
}

export function paramsEnv(params: { readonly [name: string]: Json } | undefined): string[] {
  return Object.entries(params ?? {}).map(([name, value]) => `${name}=${envValue(value)}`)
}

/** The image's variables under the step's own; a name that comes twice keeps its last value. */
export function processEnv(image: ImageConfig, own: readonly string[]): string[] {
  const env = new Map<string, string>()
  for (const pair of [...image.env, ...own]) env.set(pair.slice(0, Math.max(0, pair.indexOf('='))), pair)
  return [...env.values()]
}

/** What get, put and check scripts are told about the build (Concourse: StepMetadata.Env). */
export function resourceEnv(build: BuildFacts): string[] {
  const { scope, instanceVars } = build
  const env = [`BUILD_ID=${build.id}`, `BUILD_NAME=${build.name}`, `BUILD_TEAM_ID=${scope.teamId}`, `BUILD_TEAM_NAME=${build.team}`]
  if (build.status !== undefined) env.unshift(`BUILD_STATUS=${build.status}`)
  if (scope.jobId !== undefined) env.push(`BUILD_JOB_ID=${scope.jobId}`)
  if (build.job !== undefined) env.push(`BUILD_JOB_NAME=${build.job}`)
  if (scope.pipelineId !== undefined) env.push(`BUILD_PIPELINE_ID=${scope.pipelineId}`)
  if (build.pipeline !== undefined) env.push(`BUILD_PIPELINE_NAME=${build.pipeline}`)
  if (instanceVars !== undefined) env.push(`BUILD_PIPELINE_INSTANCE_VARS=${goJson(instanceVars.values)}`)
  if (build.externalUrl !== '') {
    const short = `${build.externalUrl}/builds/${build.id}`
    const long =
      build.pipeline !== undefined && build.job !== undefined
        ? `${build.externalUrl}/teams/${encodeURIComponent(build.team)}/pipelines/${encodeURIComponent(build.pipeline)}/jobs/${encodeURIComponent(build.job)}/builds/${encodeURIComponent(build.name)}${instanceVars?.query ?? ''}`
        : short
    env.push(`ATC_EXTERNAL_URL=${build.externalUrl}`, `BUILD_URL=${long}`, `BUILD_URL_SHORT=${short}`)
  }
  return env
}
