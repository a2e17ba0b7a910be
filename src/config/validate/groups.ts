import type { PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'
import type { JobsByGlob } from './jobs-by-glob.ts'
import { validateNames } from './names.ts'

/** Once there are groups, every job belongs to one. */
export function validateGroups(context: Context, config: PipelineConfig, jobs: JobsByGlob): void {
  const groups = config.groups ?? []
  validateNames(context, 'group', groups)
  const grouped = new Set<string>()
  const resources = new Set((config.resources ?? []).map((resource) => resource.name))
  for (const group of groups) {
    group.jobs?.forEach((pattern, i) => {
      const place = context.placeOf(group, 'jobs', i)
      const found = jobs.find(pattern, 'group')
      if (found === undefined) context.report(place, 'invalid-value', `${quote(pattern)} is no pattern for jobs' names`)
      else if (found.length === 0) {
        context.report(place, 'unknown-reference', `no job is named ${quote(pattern)}`, {
          hint: context.didYouMean(pattern, jobs.names, 'job') ?? (pattern.includes('[^') ? 'in a group `!` negates a class, as in `[!a]`' : undefined),
        })
      }
      for (const job of found ?? []) grouped.add(job.name)
    })
    group.resources?.forEach((name, i) => {
      if (resources.has(name)) return
      context.report(context.placeOf(group, 'resources', i), 'unknown-reference', `no resource is named ${quote(name)}`, {
        hint: context.didYouMean(name, resources, 'resource'),
      })
    })
  }
  if (groups.length === 0) return
  for (const job of config.jobs ?? []) {
    if (job.name === '' || grouped.has(job.name)) continue
    context.report(context.placeOf(job, 'name'), 'conflict', `the job ${quote(job.name)} belongs to no group`, {
      hint: 'once there are groups, every job needs one',
    })
  }
}
