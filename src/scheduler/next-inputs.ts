import type { Version } from '../model/version.ts'
import { choose } from './choose.ts'
import type { JobId, SchedulerStore } from './ports.ts'

/** An input as the job's next build would take it. */
export interface NextInput {
  readonly name: string
  /** The resource's name. */
  readonly resource: string
  readonly version: Version
}

/** What the job's next build would take; undefined: some input has no version yet, or the job is gone. */
export async function nextInputs(store: Pick<SchedulerStore, 'read' | 'answer' | 'known' | 'names' | 'versions'>, jobId: JobId): Promise<readonly NextInput[] | undefined> {
  const [job] = await store.read([jobId])
  if (job === undefined) return undefined
  const chosen = await choose(store, job, [])
  if (chosen.missing.length > 0) return undefined
  const versions = await store.versions([...chosen.versions.values()])
  return job.inputs.flatMap(({ name, of }) => {
    const version = versions.get(chosen.versions.get(name) ?? 0)
    return version === undefined ? [] : [{ name, resource: of, version }]
  })
}
