import type { PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { validateDisplay } from './display.ts'
import { validateGroups } from './groups.ts'
import { JobsByGlob } from './jobs-by-glob.ts'
import { validateJobs } from './jobs.ts'
import { validateNames } from './names.ts'
import { validateTypes } from './types.ts'
import { validateVarSources } from './var-sources.ts'

/** What concerns more than one place of a decoded pipeline. The config may have gaps where decoding reported something. */
export function validatePipeline(context: Context, config: PipelineConfig, baseTypes: ReadonlySet<string> | undefined): void {
  const jobs = new JobsByGlob(config.jobs ?? [])
  validateNames(context, 'resource', config.resources ?? [])
  validateTypes(context, config, baseTypes)
  validateVarSources(context, config)
  validateDisplay(context, config)
  validateJobs(context, config, jobs)
  validateGroups(context, config, jobs)
}
