import { Gauge, type Registry } from 'prom-client'

export interface TeamContainers {
  readonly team: string
  readonly tags: readonly string[]
  readonly count: number
}

/** Caches of tasks, uploads and outputs of a team. */
export interface TeamVolumes {
  readonly team: string
  readonly count: number
}

/** What a server is at the moment. */
export interface ServerState {
  readonly database: string
  /** Open connections to PostgreSQL. */
  connections(): number
  events(): { readonly feeds: number; readonly watchers: number; readonly bytes: number; readonly behind: number }
  intercepts(): number
  readonly worker: string
  /** Undefined: the runtime does not answer. */
  containers(): Promise<{ readonly byTeam: readonly TeamContainers[]; readonly tasks: number; readonly prepared: number } | undefined>
  /** Undefined: the database does not answer. */
  volumes(): Promise<readonly TeamVolumes[] | undefined>
}

/** Gauges, and what reads them. Names of teams and tags come from the runtime's list, which is as long as there are containers. */
export function stateMetrics(registry: Registry, state: ServerState): () => Promise<void> {
  const gauge = <const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) => new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] })
  const connections = gauge('concourse_db_connections', 'Current number of database connections', ['dbname'])
  const feeds = gauge('airside_event_feeds', 'Builds that somebody watches on this server')
  const watchers = gauge('airside_event_watchers', 'Event streams that are open on this server')
  const behind = gauge('airside_event_watchers_behind', 'Event streams that read older events from the database')
  const bytes = gauge('airside_event_bytes_sent', 'Bytes of events written to watchers, before compression')
  const intercepts = gauge('airside_intercepts', 'Intercepts that go through this server')
  const containers = gauge('concourse_workers_containers', 'Number of containers per worker', ['worker', 'platform', 'team', 'tags'])
  const volumes = gauge('concourse_workers_volumes', 'Number of volumes per worker', ['worker', 'platform', 'team', 'tags'])
  const tasks = gauge('concourse_workers_tasks', 'Number of active tasks per worker', ['worker', 'platform'])
  const registered = gauge('concourse_workers_registered', 'Number of workers per state', ['state'])
  const prepared = gauge('airside_prepared_containers', 'Containers that were prepared ahead and wait for their step')
  const [worker, platform] = [state.worker, 'linux']
  return async () => {
    const [events, found, kept = []] = [state.events(), ...(await Promise.all([state.containers(), state.volumes()]))]
    connections.set({ dbname: state.database }, state.connections())
    feeds.set(events.feeds)
    watchers.set(events.watchers)
    behind.set(events.behind)
    bytes.set(events.bytes)
    intercepts.set(state.intercepts())
    volumes.reset()
    for (const { team, count } of kept) volumes.set({ worker, platform, team, tags: '' }, count)
    containers.reset()
    tasks.reset()
    prepared.reset()
    registered.set({ state: 'running' }, found === undefined ? 0 : 1)
    registered.set({ state: 'stalled' }, found === undefined ? 1 : 0)
    if (found === undefined) return
    for (const { team, tags, count } of found.byTeam) containers.set({ worker, platform, team, tags: tags.join('_') }, count)
    tasks.set({ worker, platform }, found.tasks)
    prepared.set(found.prepared)
  }
}
