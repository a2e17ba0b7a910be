import { join } from 'node:path'
import { createApi, type Api } from '../api/api.ts'
import type { LogLevelControl } from '../api/ports.ts'
import { withRoles } from '../api/rbac.ts'
import { routes } from '../api/routes.ts'
import type { Outputs } from '../api/web-ports.ts'
import { readWebAssets } from '../api/web-assets.ts'
import { ArtifactBrowser } from '../artifacts/browse.ts'
import { storeUpload } from '../artifacts/upload.ts'
import { createCheck } from '../builds/create-check.ts'
import { createOneOff } from '../builds/create-one-off.ts'
import { formerImages } from '../builds/former-images.ts'
import { reusedBuild } from '../builds/reused-build.ts'
import { KeptFormerBuilds } from '../builds/kept-former-builds.ts'
import { recordedSteps } from '../builds/recorded-steps.ts'
import { describeManagers } from '../credentials/describe.ts'
import { Audit } from '../db/audit.ts'
import { BuildLists } from '../db/build-lists.ts'
import { BuildVersions } from '../db/build-versions.ts'
import { Dashboard } from '../db/dashboard.ts'
import { databaseHealth } from '../db/database-health.ts'
import { FormerBuilds } from '../db/former-builds.ts'
import { PendingBuilds } from '../db/pending-builds.ts'
import { ResourceViews } from '../db/resource-views.ts'
import { WantedChecks } from '../db/check-requests.ts'
import { JobSchedules } from '../db/scheduling/scheduler-store.ts'
import { Search } from '../db/search.ts'
import { Servers } from '../db/servers.ts'
import { notTriggered, Places } from '../db/places.ts'
import { ListedChanges } from '../db/listed-changes.ts'
import { LogTexts } from '../db/log-texts.ts'
import { StepEvents } from '../db/step-events.ts'
import { UiChanges } from '../db/ui-changes.ts'
import { UserList } from '../db/user-list.ts'
import { VersionsOfScopes } from '../db/shared-versions.ts'
import { WallStore } from '../db/wall.ts'
import type { Log } from '../lib/log.ts'
import { findFly } from '../server/fly-programs.ts'
import type { Service } from '../lib/service.ts'
import type { CheckQueueState } from '../model/health.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { PipelineConfigs } from '../pipelines/configs.ts'
import { buildPorts } from './build-ports.ts'
import type { App } from './open-app.ts'
import { volumesOf, workerView } from './worker-view.ts'
import { freshPeople } from './fresh-people.ts'
import { withChecks } from './intercept/with-checks.ts'
import { openLogins } from './open-logins.ts'
import { nextInputs } from '../scheduler/next-inputs.ts'
import { refusedVersions } from '../scheduler/requested-versions.ts'
import { buildTests } from '../test-reports/build-tests.ts'
import { openScheduler } from './open-scheduler.ts'
import type { AppOptions } from './options.ts'

/** `npm run setup` builds the web UI there. */
const webFolder = join(import.meta.dirname, '..', '..', 'web', 'dist')

/** Logins cannot be as they are set. */
export interface OpenApiError {
  readonly kind: 'no-login'
  readonly message: string
}

export interface OpenedApi {
  readonly api: Api
  readonly configs: PipelineConfigs
  readonly logins: Service
  readonly scheduler: Service
}

/** The API on an app's database, and the scheduler of the builds that it makes. */
export async function openApi(app: App, options: Pick<AppOptions, 'data' | 'externalUrl' | 'credentials' | 'login' | 'audit' | 'trustedProxies' | 'webImageHosts' | 'globalResources' | 'cliArtifacts' | 'log'>, checkQueue: () => CheckQueueState): Promise<Result<OpenedApi, OpenApiError>> {
  const allowed = withRoles(routes, options.login?.roles ?? new Map())
  if (!allowed.ok) return fail({ kind: 'no-login', message: `config-rbac: ${allowed.error}` })
  const { stores, services } = app
  const { clock } = services
  const pending = new PendingBuilds(stores.db, stores.cipher)
  const logins = await openLogins(app, options)
  const { pipelines, builds, events } = stores
  const ports = buildPorts(app)
  const configs = new PipelineConfigs(pipelines)
  const listedChanges = new ListedChanges(stores.db)
  const storedFormerBuilds = new FormerBuilds(stores.db, stores.cipher)
  const formerBuilds = new KeptFormerBuilds((id) => storedFormerBuilds.before(id))
  const web = await readWebAssets(webFolder)
  const api = await createApi({
    ...logins.options,
    routes: allowed.value,
    ...(options.trustedProxies && { trustedProxies: options.trustedProxies }),
    globalResources: options.globalResources ?? false,
    ...(options.webImageHosts && { webImageHosts: options.webImageHosts }),
    ...(app.policy && { policy: app.policy }),
    pipelines,
    configs,
    builds,
    lists: new BuildLists(stores.db),
    listedChanges: () => listedChanges.count(),
    dashboard: new Dashboard(stores.db),
    search: new Search(stores.db),
    uiChanges: freshPeople(new UiChanges(stores.db), logins.forget),
    places: new Places(stores.db),
    stepEvents: new StepEvents(stores.db),
    outputs: outputsOf(stores),
    buildTests: buildTests(stores),
    logTexts: new LogTexts(stores.db),
    recordedSteps: (id) => recordedSteps(builds, id),
    formerImages: async (id, of) => formerImages(of, await formerBuilds.before(id)),
    notTriggered: (jobId) => notTriggered(stores.db, jobId),
    jobs: pending,
    events,
    clock,
    externalUrl: options.externalUrl,
    log: options.log,
    requestRate: { perSecond: 50, burst: 500 },
    ...(services.observe && { observe: services.observe }),
    ...(services.tracing && { tracing: services.tracing }),
    ...(web && { web }),
    resources: new ResourceViews(stores.db),
    workerArtifacts: stores.workerArtifacts,
    artifacts: {
      store: (source) => storeUpload(stores.artifacts, source),
      open: async ({ digest }) => (await stores.artifacts.open(digest))?.stream,
    },
    createOneOff: (build) => createOneOff(ports, build),
    createCheck: (check) => createCheck(ports, check),
    wantCheck: (resourceId, now) => new WantedChecks(stores.db).wantResource(resourceId, now),
    buildVersions: new BuildVersions(stores.db),
    nextInputs: (jobId) => nextInputs(new JobSchedules(stores.db, stores.cipher), jobId),
    refusedVersions: (jobId, versions) => refusedVersions(new JobSchedules(stores.db, stores.cipher), jobId, versions),
    notReusable: async (from) => {
      const reused = await reusedBuild(stores, from)
      return reused.ok ? undefined : reused.error
    },
    containers: withChecks(app.gateway, app.checkContainers, app.runtime.runtime),
    holderOf: (buildId) => new Servers(stores.db).holderOf(buildId, app.id, clock.now()),
    peers: () => new Servers(stores.db).others(app.id, clock.now()),
    worker: workerView(app),
    volumes: volumesOf(stores),
    sharedVersions: new VersionsOfScopes(stores.db),
    wall: new WallStore(stores.db),
    components: app.components,
    database: await databaseHealth(stores.db),
    checkQueue,
    auditLog: new Audit(stores.db),
    auditReads: options.audit?.reads ?? [],
    users: new UserList(stores.db),
    taskCaches: stores.taskCaches,
    resourceCaches: stores.resourceCaches,
    cli: { find: (platform, arch) => findFly(options.cliArtifacts, platform, arch) },
    logLevel: levelOf(options.log),
    credentials: services.credentials,
    publishedKeys: () => app.credentials.publishedKeys(),
    credentialManagers: describeManagers(options.credentials?.managers ?? []),
  })
  return ok({ api, configs, logins: logins.service, scheduler: openScheduler(app, configs, options.log) })
}

function outputsOf({ artifacts, stepArtifacts }: App['stores']): Outputs {
  const browser = new ArtifactBrowser(artifacts)
  return {
    ofBuild: (id) => stepArtifacts.ofBuild(id),
    has: ({ digest }) => browser.has(digest),
    list: ({ digest }, folder, page) => browser.list(digest, folder, page),
    file: ({ digest }, path) => browser.file(digest, path),
  }
}

/** pino knows two levels more than Concourse: the nearest of Concourse's that shows no more. */
const levelOf = (log: Log): LogLevelControl => ({
  get: () => ({ trace: 'debug', warn: 'error' })[log.level ?? ''] ?? log.level ?? 'info',
  set: (level) => void (log.level = level),
})
