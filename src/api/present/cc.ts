import { instanceName } from '../instance-vars.ts'
import type { Job, Pipeline } from '../../model/pipeline.ts'
import type { JobBuilds } from '../ports.ts'
import { escaped } from './badge.ts'
import { pageUrl } from './page-url.ts'

export interface CcJob {
  readonly pipeline: Pipeline
  readonly job: Job
  readonly builds: JobBuilds
}

/** The feed that desktop notifiers of CruiseControl read; jobs without a finished build are left out. */
export const ccXml = (jobs: readonly CcJob[], externalUrl: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Projects>${jobs.map((job) => project(job, externalUrl)).join('')}</Projects>\n`

function project({ pipeline, job, builds: { finished, next } }: CcJob, externalUrl: string): string {
  if (finished === undefined) return ''
  const attributes = {
    activity: next === undefined ? 'Sleeping' : 'Building',
    lastBuildLabel: finished.name,
    lastBuildStatus: finished.status === 'succeeded' ? 'Success' : finished.status === 'failed' ? 'Failure' : 'Exception',
    lastBuildTime: `${new Date(finished.endedAt ?? finished.createdAt).toISOString().slice(0, 19)}Z`,
    name: `${instanceName(pipeline)}/${job.name}`,
    webUrl: `${externalUrl}${pageUrl(pipeline, 'jobs', job.name)}`,
  }
  return `<Project ${Object.entries(attributes).map(([name, value]) => `${name}="${escaped(value)}"`).join(' ')}/>`
}
