import { resourceOf, stepsOfJob } from '../../config/walk-steps.ts'
import type { JobConfig, PipelineConfig } from '../../model/config.ts'

/** What is shown of a pipeline's config in lists: little of it. */
export interface ListedConfig extends Pick<PipelineConfig, 'display' | 'user_data'> {
  readonly groups?: readonly { readonly name: string; readonly jobs?: readonly string[]; readonly resources?: readonly string[] }[]
  /** Of resources that have one. */
  readonly icons: readonly { readonly resource: string; readonly icon: string }[]
  /** In the order of the config. */
  readonly jobs: readonly ListedJobConfig[]
}

export interface ListedJobConfig extends Pick<JobConfig, 'name' | 'disable_manual_trigger' | 'disable_reruns'> {
  readonly groups: readonly string[]
  readonly inputs: readonly { readonly name: string; readonly resource: string; readonly trigger: boolean; readonly passed?: readonly string[] }[]
  readonly outputs: readonly { readonly name: string; readonly resource: string }[]
}

export function listedConfig({ groups, display, user_data, jobs = [], resources = [] }: PipelineConfig): ListedConfig {
  return {
    ...(groups && { groups: groups.map(({ name, jobs: named, resources: shown }) => ({ name, ...(named && { jobs: named }), ...(shown && { resources: shown }) })) }),
    ...(display && { display }),
    ...(user_data !== undefined && { user_data }),
    icons: resources.flatMap(({ name, icon }) => (icon === undefined ? [] : [{ resource: name, icon }])),
    jobs: jobs.map((job) => listedJob(job, groups?.filter((group) => group.jobs?.includes(job.name)).map(({ name }) => name) ?? [])),
  }
}

function listedJob(job: JobConfig, groups: readonly string[]): ListedJobConfig {
  const steps = [...stepsOfJob(job)].map(({ step }) => step)
  return {
    name: job.name,
    ...(job.disable_manual_trigger && { disable_manual_trigger: true }),
    ...(job.disable_reruns && { disable_reruns: true }),
    groups,
    inputs: steps.flatMap((step) => (step.kind === 'get' ? [{ name: step.get, resource: resourceOf(step), trigger: step.trigger ?? false, ...(step.passed && { passed: step.passed }) }] : [])),
    outputs: steps.flatMap((step) => (step.kind === 'put' ? [{ name: step.put, resource: resourceOf(step) }] : [])),
  }
}
