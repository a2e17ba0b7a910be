import type { WorkerView } from '../api/container-ports.ts'
import type { ListedVolume } from '../api/ports.ts'
import { countTaskCaches, taskCachesOf } from '../db/shared/shared-caches.ts'
import { countVolumes, volumesOfTeam } from '../db/volumes.ts'
import type { TeamVolumes } from '../telemetry/state-metrics.ts'
import type { App } from './open-app.ts'
import type { Stores } from './stores.ts'

/** The runtime as fly's workers are: one, which runs everything. */
export function workerView({ runtime, services }: Pick<App, 'runtime' | 'services'>): WorkerView {
  const { options } = runtime
  return {
    name: options.kind === 'docker' ? 'docker' : `kubernetes-${options.namespace ?? 'default'}`,
    startedAt: services.clock.now(),
    baseTypes: [...services.options.baseTypes].map(([type, image]) => ({ type, image: typeof image === 'string' ? image : String(image['repository'] ?? '') })),
    async containers() {
      try {
        const listed = (await runtime.runtime.list()).filter(({ state }) => state !== 'terminating')
        return { all: listed.length, tasks: listed.filter(({ type, state }) => type === 'task' && state !== 'ended').length }
      } catch {
        return undefined
      }
    },
  }
}

/** Caches of tasks, of the data folder's index where the database is embedded; uploads and outputs. */
export const volumesOf = ({ db, shared }: Pick<Stores, 'db' | 'shared'>) => async (teamId: number, now: number): Promise<readonly ListedVolume[]> => {
  const { team, volumes } = await volumesOfTeam(db, teamId, now)
  return [...volumes, ...(team === undefined ? [] : (shared === undefined ? [] : taskCachesOf(shared, team)).map((cache): ListedVolume => ({ ...cache, kind: 'task-cache' })))]
}

/** How many volumes the teams that have some have. */
export async function volumeCounts({ db, shared }: Pick<Stores, 'db' | 'shared'>, now: number): Promise<readonly TeamVolumes[]> {
  const counts = new Map<string, number>()
  for (const { team, count } of [...(await countVolumes(db, now)), ...(shared === undefined ? [] : countTaskCaches(shared))]) counts.set(team, (counts.get(team) ?? 0) + count)
  return [...counts].map(([team, count]) => ({ team, count }))
}
