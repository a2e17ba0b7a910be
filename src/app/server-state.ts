import type { Api } from '../api/api.ts'
import type { ServerState } from '../telemetry/state-metrics.ts'
import type { App } from './open-app.ts'
import { volumeCounts, workerView } from './worker-view.ts'

/** What metrics tell of a server at the moment. */
export function serverState(app: App, api: Api): ServerState {
  return {
    database: app.stores.db.driver === 'pg' ? 'postgres' : 'embedded',
    connections: () => app.stores.db.connections?.() ?? 1,
    events: () => api.state().events,
    intercepts: () => api.state().intercepts,
    worker: workerView(app).name,
    volumes: () => volumeCounts(app.stores, app.services.clock.now()).catch(() => undefined),
    async containers() {
      const listed = await app.runtime.runtime.list().catch(() => undefined)
      if (listed === undefined) return undefined
      const there = listed.filter(({ state }) => state !== 'terminating')
      const byTeam = new Map<string, number>()
      for (const { metadata } of there) byTeam.set(metadata.team, (byTeam.get(metadata.team) ?? 0) + 1)
      return {
        byTeam: [...byTeam].map(([team, count]) => ({ team, tags: [], count })),
        tasks: there.filter(({ type, state, guess }) => type === 'task' && state !== 'ended' && !guess).length,
        prepared: there.filter(({ guess, state }) => guess && state !== 'ended').length,
      }
    },
  }
}
