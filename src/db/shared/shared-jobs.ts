import type { Scopes } from '../scopes.ts'

/** What a job is called in the shared index: its names as JSON. Its id means another job, or none, in another process's database. */
export type JobName = (jobId: number) => Promise<string>

export function jobNames(scopes: Pick<Scopes, 'namesOfJob'>): JobName {
  return async (jobId) => {
    const { team, pipeline, job } = await scopes.namesOfJob(jobId)
    return JSON.stringify([team, pipeline, job])
  }
}
