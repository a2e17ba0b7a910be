import { networkInterfaces } from 'node:os'
import { parseRegistryPrefix } from '../images/artifact/destination.ts'
import { instanceNumbers } from '../db/pglite/instance.ts'
import { systemClock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { together, type Service } from '../lib/service.ts'
import { noChecks } from '../model/health.ts'
import { ok, type Result } from '../model/result.ts'
import { artifactCollection, artifactGraceMs, outputsKeptMs } from '../retention/artifact-collection.ts'
import type { Address } from '../server/listen.ts'
import { peerUrlOf } from '../server/peer-url.ts'
import type { ServedDatabase } from '../server/ports.ts'
import type { Components } from '../server/components.ts'
import { presence } from '../server/presence.ts'
import { artifactDatabases } from './artifact-databases.ts'
import type { Api } from '../api/api.ts'
import { CheckHub } from '../checks/hub.ts'
import { Servers } from '../db/servers.ts'
import { Versions } from '../db/versions.ts'
import { openApi, type OpenApiError } from './open-api.ts'
import { keepAllLogs, retention } from './retention.ts'
import { openChecks } from './open-checks.ts'
import { openApp, type App, type OpenAppError, type OpenAppParts } from './open-app.ts'
import { serverState } from './server-state.ts'
import type { ServerState } from '../telemetry/state-metrics.ts'
import type { AppOptions, RuntimeOptions } from './options.ts'

/** What a server runs. */
export interface OpenedServer {
  readonly databases: readonly [ServedDatabase, ...ServedDatabase[]]
  readonly runtime: string
  readonly services: Service
  readonly api: Api
  /** For metrics. */
  readonly state: ServerState
  /** Tells other servers on the database where this one is; absent where there are none. */
  readonly presence?: (address: Address) => Service
}

/** Opens the server's own database, and those of runs whose process was killed, which it goes on with. */
export async function openServer(given: AppOptions, parts: Pick<OpenAppParts, 'runtime' | 'limits' | 'clock'> = {}): Promise<Result<OpenedServer, OpenAppError | OpenApiError>> {
  const options = { ...given, runtime: withOwnRegistry(given.runtime, given.externalUrl) }
  const hubs: CheckHub[] = []
  const opened = await openApp(options, {
    ...parts,
    ...(options.database === undefined && { instance: 0 }),
    versionsOf(stores, clock) {
      const hub = new CheckHub(new Versions(stores.db), stores.checks, clock)
      hubs.push(hub)
      return hub.versions
    },
  })
  if (!opened.ok) return opened
  const own = opened.value
  const { components } = own
  const abandoned = options.database === undefined ? await abandonedRuns(options, components) : []
  const opening = await openApi(own, options, () => hubs[0]?.queue ?? noChecks)
  if (!opening.ok) {
    for (const app of [own, ...abandoned]) await app.close()
    return opening
  }
  const { api, configs, logins, scheduler } = opening.value
  const checks = await Promise.all(hubs.map((hub) => openChecks(own, hub, { configs, registryChecksPerSecond: options.registryChecksPerSecond ?? 0 })))
  return ok({
    api,
    state: serverState(own, api),
    ...(options.database !== undefined && { presence: (address) => presence({ register: new Servers(own.stores.db), id: own.id, peerUrl: options.peerUrl ?? peerUrlOf(address, networkInterfaces()), clock: systemClock, log: options.log }) }),
    databases: [servedDatabase(own), ...abandoned.map(servedDatabase)],
    runtime: own.runtime.description,
    services: together('server', [components.service, logins, ...checks, scheduler, imageProof(own, options.log), collection(options, [own, ...abandoned]), ...retention(own, configs, { ...(options.buildLogs ?? keepAllLogs), auditDays: options.audit?.days }, options.log)]),
  })
}

function servedDatabase(app: App): ServedDatabase {
  const { registry } = app.runtime
  return {
    engine: { serve: () => app.engine.serve(app.components.gate('tracker')), drain: () => app.engine.drain() },
    ...(registry && { registry }),
    ping: () => app.stores.db.query('select 1'),
    close: () => app.close(),
  }
}

/** A server that nodes reach over https serves images that are artifacts itself, unless a registry is named for them. */
function withOwnRegistry(runtime: RuntimeOptions, externalUrl: string): RuntimeOptions {
  if (runtime.kind !== 'kubernetes' || runtime.imageRegistry !== undefined || !URL.canParse(externalUrl)) return runtime
  const { protocol, host, pathname } = new URL(externalUrl)
  const usable = protocol === 'https:' && pathname === '/' && parseRegistryPrefix(host).ok
  return usable ? { ...runtime, imageRegistry: { kind: 'own' as const, host } } : runtime
}

/** Databases of `airside run`s whose process is gone, and that have a build to go on with. */
async function abandonedRuns(options: AppOptions, components: Components): Promise<App[]> {
  const apps: App[] = []
  for (const number of await instanceNumbers(options.data)) {
    if (number === 0) continue
    const opened = await openApp(options, { instance: number, components })
    if (!opened.ok) continue // a living run has it
    const unfinished = await opened.value.stores.builds.list({ unfinished: true, limit: 1 })
    if (unfinished.length > 0) apps.push(opened.value)
    else await opened.value.close()
  }
  return apps
}

function collection({ data, encryptionKey, supervisor, outputsDays, log }: AppOptions, own: readonly [App, ...App[]]): Service {
  return artifactCollection({
    data,
    visit: artifactDatabases({ data, ...(encryptionKey !== undefined && { encryptionKey }), own, gates: own[0].components.gate, clock: systemClock }),
    gate: own[0].components.gate('collector_volumes'),
    graceMs: Math.max(artifactGraceMs, 2 * (supervisor?.keepSeconds ?? 0) * 1000),
    outputsKeptMs: outputsDays === undefined ? outputsKeptMs : outputsDays * 24 * 3_600_000,
    clock: systemClock,
    log,
  })
}

/** Logs at the start whether nodes can pull what steps make. Builds that need it wait for the answer; no others do. */
const imageProof = (app: App, log: Log): Service => ({
  name: 'proof of images',
  start: () => void proveImages(app, log),
  stop: () => Promise.resolve(), // closing the app ends it
})

async function proveImages({ runtime }: App, log: Log): Promise<void> {
  try {
    const refused = await runtime.imageProof?.prove((line) => log.info({}, line))
    if (refused !== undefined) log.warn({}, `${refused}\nuntil then jobs with an image that is an artifact are refused`)
    else if (runtime.imageProof !== undefined) log.info({}, 'nodes can pull images that are artifacts')
  } catch (error) {
    log.debug({ err: error, component: 'image proof' }, 'whether nodes can pull images that are artifacts was not found out')
  }
}
