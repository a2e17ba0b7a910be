import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { WaitingCheckContainers } from '../checks/check-containers.ts'
import { openCredentials, type OpenCredentials } from '../credentials/credentials.ts'
import { plainCredentials } from '../credentials/options.ts'
import { openPg } from '../db/pg/pg-db.ts'
import { PausedComponents } from '../db/paused-components.ts'
import { Containers } from '../db/containers.ts'
import { Teams } from '../db/teams.ts'
import { createTemplate } from '../db/pglite/template.ts'
import { withDeferredRemovals } from '../engine/deferred-removals.ts'
import { Engine, type EngineLimits } from '../engine/engine.ts'
import { withoutPrivileged } from '../engine/privileged.ts'
import type { AllowedSteps } from '../engine/refused-plan.ts'
import { withTags, type OfferedTags } from '../engine/tags.ts'
import type { EngineServices } from '../engine/build-context.ts'
import type { VersionStore } from '../engine/ports.ts'
import { describedOnce } from '../images/artifact/described-once.ts'
import type { CredentialSource } from '../images/resolve/credential-source.ts'
import { enough, systemClock, type Clock } from '../lib/clock.ts'
import { ending, together } from '../lib/service.ts'
import { Secrets } from '../lib/secrets.ts'
import type { PolicyChecks } from '../model/policy.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { artifactFiles } from '../artifacts/artifact-files.ts'
import { awsIdentity } from './aws-identity.ts'
import { openArtifactImages } from './artifact-images.ts'
import { clusterSecretsFor } from './cluster-secrets.ts'
import { cacheFolder } from './folders.ts'
import { openPolicies } from './open-policies.ts'
import { openImages, type AppImages } from './open-images.ts'
import { openFreeInstance, tryOpen } from '../db/pglite/instance.ts'
import { serveAppGateway } from './intercept/app-gateway.ts'
import { PipelinesOfSteps } from '../pipelines/set-by-step.ts'
import { giveUpOldestKept, keptCollection, mostKept } from '../retention/kept-containers.ts'
import { keepOptions } from './intercept/kept-advice.ts'
import type { InterceptGateway } from '../intercept/gateway.ts'
import { observedCaches, observedDb, observedRuntime } from './observed.ts'
import { openRuntime } from './open-runtime.ts'
import type { OpenRuntime } from './runtime-environment.ts'
import { baseTypeImages, plainImages, type AppOptions, type RuntimeOptions } from './options.ts'
import { openStores, type Stores } from './stores.ts'
import { Components } from '../server/components.ts'
import { containerSweep } from '../retention/container-sweep.ts'

/** Everything of one running Airside, wired. */
export interface App {
  /** Of this process on its database: engines' leases begin with it. */
  readonly id: string
  readonly stores: Stores
  readonly engine: Engine
  readonly services: EngineServices
  readonly allowed: AllowedSteps
  readonly components: Components
  readonly credentials: OpenCredentials
  readonly runtime: OpenRuntime
  readonly images: AppImages
  /** Absent: no policy server is asked about actions. */
  readonly policy?: PolicyChecks
  /** The way into containers of its builds. */
  readonly gateway: InterceptGateway
  readonly checkContainers: WaitingCheckContainers
  /** Which of the data folder's embedded databases it is; 0 with PostgreSQL. */
  readonly instance: number
  /** Stops without ending anything: builds stay started, containers go on. */
  close(): Promise<void>
}

export interface OpenAppError {
  /** `database-held`: another process has the embedded database open. `no-runtime`: steps cannot be run. `no-credentials`: a credential manager cannot be set up. */
  readonly kind: 'database-held' | 'no-runtime' | 'no-credentials'
  readonly message: string
}

export interface OpenAppParts {
  /** One particular embedded database; absent: the first that is free. */
  readonly instance?: number | undefined
  /** Where versions are kept; default: where runs of this data folder keep them. */
  readonly versionsOf?: (stores: Stores, clock: Clock) => VersionStore
  /** Says what is paused; default: the app's own database. */
  readonly components?: Components
  /** For tests: another runtime. */
  readonly runtime?: typeof openRuntime
  /** For tests: other limits. */
  readonly limits?: EngineLimits
  /** For tests: another time. */
  readonly clock?: Clock
}

export async function openApp(options: AppOptions, { instance, versionsOf = ({ versions }) => versions, components: given, runtime: opening = openRuntime, limits, clock = systemClock }: OpenAppParts = {}): Promise<Result<App, OpenAppError>> {
  const { data, log, progress, observe } = options
  const opened = await openDatabase(options, instance)
  if (!opened.ok) return opened
  const { db, number } = opened.value
  const stores = await openStores(observe === undefined ? db : observedDb(db, observe), data, options, clock)
  const { externalUrl } = options
  const wanted = options.credentials ?? plainCredentials
  const credentials = openCredentials(wanted, { clusterSecrets: await clusterSecretsFor(wanted), awsIdentity: awsIdentity(clock), clock, log, externalUrl, signingKeys: stores.signingKeys })
  if (!credentials.ok) {
    await stores.close()
    return fail({ kind: 'no-credentials', message: credentials.error })
  }
  let ofNodes: CredentialSource | undefined
  let insecureRegistries: readonly string[] = []
  const images = openImages(
    { ...plainImages, ...options.images },
    { cache: cacheFolder(), clock, log, nodeCredentials: { find: async (...wanted) => ofNodes?.find(...wanted) }, engineInsecure: () => insecureRegistries },
  )
  const artifactImages = openArtifactImages(stores.artifacts)
  const runtime = await opening(options.runtime, {
    stores, data, artifactImages, registryClient: images.client, trust: images.trust, supervisor: options.supervisor ?? {}, ...(options.outputLimit !== undefined && { outputLimit: options.outputLimit }), clock, log, progress,
  })
  if (!runtime.ok) {
    await images.close()
    await stores.close()
    return fail({ kind: 'no-runtime', message: runtime.error })
  }
  ofNodes = runtime.value.nodeCredentials
  insecureRegistries = runtime.value.insecureRegistries ?? []
  const { imageProof } = runtime.value
  const policies = openPolicies(options, stores.installation)
  const stopping = new AbortController()
  const containers = new Containers(db)
  const checkContainers = new WaitingCheckContainers(clock, log)
  const allowed = { privileged: options.allowPrivileged ?? false, tags: offeredTags(options.runtime) }
  const tagged = withTags(observe === undefined ? runtime.value.runtime : observedRuntime(runtime.value.runtime, clock, observe), allowed.tags)
  const services: EngineServices = {
    runtime: withDeferredRemovals(allowed.privileged ? tagged : withoutPrivileged(tagged), clock, stopping.signal),
    versions: versionsOf(stores, clock),
    pipelines: new PipelinesOfSteps(stores.pipelines, new Teams(db), clock, policies.checks),
    resourceCaches: observe === undefined ? stores.resourceCaches : observedCaches(stores.resourceCaches, observe),
    taskCaches: stores.taskCaches,
    stepDurations: stores.stepDurations,
    outputs: stores.workerArtifacts,
    images: images.resolver,
    artifacts: artifactFiles(stores.artifacts),
    artifactImages: { ...describedOnce(artifactImages), ...(imageProof && { refusal: (...asked) => imageProof.refusal(...asked) }) },
    ...(policies.images && { imagePolicy: policies.images }),
    credentials: credentials.value,
    checkContainers,
    secrets: options.secrets ?? new Secrets(),
    removeOldestKept: () => giveUpOldestKept(runtime.value.runtime, containers),
    onCleaned: () => kept.wake(),
    clock,
    log,
    options: {
      installation: stores.installation,
      externalUrl: options.externalUrl,
      baseTypes: baseTypeImages(options),
      nativeImageFetch: options.nativeImageFetch,
      timeInProcess: !options.baseTypes.has('time'),
      prepareAhead: options.prepareAhead,
      globalResources: options.globalResources ?? false,
      ...(options.keep && { keep: keepOptions(options.keep, options, number) }),
    },
    ...(options.observer && { observer: options.observer }),
    ...(observe && { observe }),
    ...(options.tracing && { tracing: options.tracing }),
  }
  const id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  const engine = new Engine(services, stores.builds, id, limits)
  const components = given ?? (await Components.open(new PausedComponents(db), clock, log))
  const gate = components.gate('collector_containers')
  const sweep = containerSweep({ gate, runtime: runtime.value.runtime, builds: stores.builds, shared: (handle) => checkContainers.holds(handle), clock, log, progress })
  const gateway = await serveAppGateway({ data, stores, instance: number, runtime: runtime.value, checks: checkContainers, clock, log })
  const kept = keptCollection({ runtime: runtime.value.runtime, containers, most: options.keep?.most ?? mostKept, recordGone: () => gateway.gateway.find(), gate, clock, log })
  // Stopped from the last to the first. Intercepts end after the engine: by then whoever is in a container has been told that its step is over.
  const parts = together('airside', [
    ending('stores', () => stores.close()),
    credentials.value.service,
    ending('policies', () => policies.close()),
    ending('image resolver', () => images.close()),
    ending('runtime', () => runtime.value.close()),
    sweep,
    kept,
    ending('intercept', () => gateway.close()),
    ending('check containers', () => checkContainers.close()),
    ending('engine', () => engine.stop()),
  ])
  await parts.start()
  return ok({
    id,
    stores,
    engine,
    services,
    allowed,
    ...(policies.checks && { policy: policies.checks }),
    components,
    credentials: credentials.value,
    images,
    instance: number,
    gateway: gateway.gateway,
    checkContainers,
    runtime: runtime.value,
    async close() {
      stopping.abort(enough)
      await parts.stop()
    },
  })
}

async function openDatabase({ data, database, progress }: AppOptions, wanted: number | undefined) {
  if (database !== undefined) return ok({ db: openPg({ url: database }), number: 0 })
  const template = () => databaseTemplate(progress)
  if (wanted === undefined) return ok(await openFreeInstance(data, template))
  const db = await tryOpen(data, wanted, template)
  return db === undefined ? fail({ kind: 'database-held' as const, message: `another process holds database ${wanted} of ${data}: end it, or use another folder (--data)` }) : ok({ db, number: wanted })
}

/** A migrated, empty database to copy; made once for each version of the code, since making one takes seconds. */
export async function databaseTemplate(progress: (line: string) => void): Promise<string> {
  const late = setTimeout(() => progress('setting up the embedded database (once, a few seconds)'), 1000)
  try {
    return await createTemplate(join(cacheFolder(), 'database'), systemClock.now())
  } finally {
    clearTimeout(late)
  }
}

/** On Kubernetes nodes have them: a pod waits for one that has. */
function offeredTags(runtime: RuntimeOptions): OfferedTags {
  if (runtime.kind === 'kubernetes' || runtime.tags === 'all') return 'all'
  return new Set(runtime.tags)
}
