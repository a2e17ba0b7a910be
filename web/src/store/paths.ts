import type { PipelineId } from '../routes/route.ts'

/** One part of a URL's path. */
export const encodePart = (part: string): string => encodeURIComponent(part).replace(/^\.{1,2}$/, (dots) => dots.replaceAll('.', '%2E'))

/** The API's path of what belongs to a pipeline: `apiPath(id, ['jobs', 'unit', 'builds'], {limit: '20'})`. */
export function apiPath({ team, pipeline, vars }: PipelineId, below: readonly string[] = [], query: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams({ ...(vars !== undefined && { vars: JSON.stringify(vars) }), ...query })
  const path = ['/api/v1/teams', team, 'pipelines', pipeline, ...below].map((part, index) => (index === 0 ? part : encodePart(part))).join('/')
  return params.size === 0 ? path : `${path}?${params}`
}
