import type { JobConfig, PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { isNull } from '../decode/scalars.ts'
import { quote } from '../quote.ts'
import { resourceOf, stepsOfJob } from '../walk-steps.ts'
import type { JobsByGlob } from './jobs-by-glob.ts'
import { validateNames } from './names.ts'
import { PassedGraph } from './passed-graph.ts'
import { StepValidator } from './steps.ts'

export function validateJobs(context: Context, config: PipelineConfig, byGlob: JobsByGlob): void {
  const jobs = config.jobs ?? []
  if (jobs.length === 0) {
    const place = context.placeOf(config, 'jobs')
    // A `jobs` that could not be read has had its findings.
    const unread = place?.path?.key === 'jobs' && (place.node.kind !== 'list' || place.node.items.length > 0)
    if (!unread || isNull(place.node)) context.report(place, 'missing', 'a pipeline needs at least one job')
    return
  }
  validateNames(context, 'job', jobs)
  const touched = new Map(jobs.map((job) => [job, resourcesOf(job)]))
  const resources = new Set((config.resources ?? []).map((resource) => resource.name))
  const prototypes = new Set((config.prototypes ?? []).map((prototype) => prototype.name))
  const graph = new PassedGraph(context)
  for (const job of jobs) {
    validateRetention(context, job)
    new StepValidator(context, { byGlob, touched, resources, prototypes, graph }, job).run()
  }
  graph.reportCycles()
  reportUnused(context, config, touched)
}

function resourcesOf(job: JobConfig): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { step } of stepsOfJob(job)) if (step.kind === 'get' || step.kind === 'put') names.add(resourceOf(step))
  return names
}

function validateRetention(context: Context, job: JobConfig): void {
  const { build_logs_to_retain: old, build_log_retention: retention } = job
  const place = context.placeOf(job, 'build_logs_to_retain')
  if (old !== undefined && old !== 0) {
    if (retention === undefined) context.reportKey(place, 'deprecated', '`build_logs_to_retain` is deprecated', { severity: 'warning', hint: `write \`build_log_retention: {builds: ${old}}\`` })
    else context.reportKey(place, 'conflict', 'a job has `build_log_retention` or `build_logs_to_retain`, not both', { hint: 'remove `build_logs_to_retain`' })
  }
  const { builds = 0, minimum_succeeded_builds: succeeded = 0 } = retention ?? {}
  if (builds > 0 && succeeded > builds) {
    context.report(context.placeOf(job, 'build_log_retention', 'minimum_succeeded_builds'), 'conflict', `at least ${succeeded} succeeded builds cannot be among ${builds} builds`)
  }
}

function reportUnused(context: Context, config: PipelineConfig, touched: ReadonlyMap<JobConfig, ReadonlySet<string>>): void {
  const used = new Set<string>()
  for (const names of touched.values()) for (const name of names) used.add(name)
  for (const resource of config.resources ?? []) {
    if (resource.name === '' || used.has(resource.name)) continue
    context.report(context.placeOf(resource, 'name'), 'unused', `no job gets or puts the resource ${quote(resource.name)}`, { hint: 'use it or remove it' })
  }
}
