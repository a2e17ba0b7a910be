import type { JobConfig } from '../model/config.ts'
import type { Job } from '../model/pipeline.ts'
import type { JobChanges, WantedJob } from './ports.ts'

/**
 * What becomes of a pipeline's jobs when a config is set. A job keeps its row, and so its builds and their numbers, by its name or, where no
 * active job has its name, by its `old_name`; one that the config has no more becomes inactive.
 */
export function jobChanges(present: readonly Job[], wanted: readonly JobConfig[]): JobChanges {
  const byName = new Map(present.map((job) => [job.name, job]))
  const rename: { id: number; name: string }[] = []
  const insert: WantedJob[] = []
  const update: ({ id: number } & WantedJob)[] = []
  const kept = new Set<number>()
  for (const job of wanted) {
    const row: WantedJob = { name: job.name, public: job.public ?? false }
    const renamed = job.old_name === undefined || byName.has(job.name) ? undefined : byName.get(job.old_name)
    const known = byName.get(job.name) ?? renamed
    if (known === undefined || kept.has(known.id)) {
      insert.push(row)
      continue
    }
    kept.add(known.id)
    if (known.name !== job.name) rename.push({ id: known.id, name: job.name })
    update.push({ id: known.id, ...row })
  }
  const deactivate = present.filter(({ id, active }) => active && !kept.has(id)).map(({ id }) => id)
  return { rename, insert, update, deactivate }
}
