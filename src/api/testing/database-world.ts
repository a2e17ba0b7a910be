import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { buildTests } from '../../test-reports/build-tests.ts'
import { ArtifactBrowser } from '../../artifacts/browse.ts'
import { openDiskStore } from '../../artifacts/disk.ts'
import type { ArtifactStore } from '../../artifacts/store.ts'
import { storeUpload } from '../../artifacts/upload.ts'
import { LoginLimits } from '../../auth/login-limits.ts'
import { Bcrypt } from '../../auth/passwords/bcrypt.ts'
import { LocalUsersConnector } from '../../auth/passwords/local-users.ts'
import { hashPassword } from '../../auth/passwords/scrypt.ts'
import { newToken, tokenHash } from '../../auth/tokens.ts'
import { createCheck } from '../../builds/create-check.ts'
import { createOneOff } from '../../builds/create-one-off.ts'
import { Audit } from '../../db/audit.ts'
import { reusedBuild } from '../../builds/reused-build.ts'
import { formerImages } from '../../builds/former-images.ts'
import { KeptFormerBuilds } from '../../builds/kept-former-builds.ts'
import { recordedSteps } from '../../builds/recorded-steps.ts'
import { BuildEvents } from '../../db/build-events.ts'
import { BuildLists } from '../../db/build-lists.ts'
import { BuildVersions } from '../../db/build-versions.ts'
import { Builds } from '../../db/builds.ts'
import { Dashboard } from '../../db/dashboard.ts'
import { databaseHealth } from '../../db/database-health.ts'
import { cipher } from '../../db/conformance/build-fixtures.ts'
import { WantedChecks } from '../../db/check-requests.ts'
import { emptyDatabase } from '../../db/conformance/empty-database.ts'
import { testTemplate } from '../../db/conformance/template-cache.ts'
import type { Db } from '../../db/db.ts'
import { FormerBuilds } from '../../db/former-builds.ts'
import { ListedChanges } from '../../db/listed-changes.ts'
import { LocalUsers } from '../../db/local-users.ts'
import { PendingBuilds } from '../../db/pending-builds.ts'
import { openPglite } from '../../db/pglite/pglite-db.ts'
import { Pipelines } from '../../db/pipelines.ts'
import { JobSchedules } from '../../db/scheduling/scheduler-store.ts'
import { TaskCaches } from '../../db/task-caches.ts'
import { ResourceCaches } from '../../db/resource-caches.ts'
import { ResourceViews } from '../../db/resource-views.ts'
import { Teams } from '../../db/teams.ts'
import { Tokens } from '../../db/tokens.ts'
import { notTriggered, Places } from '../../db/places.ts'
import { LogTexts } from '../../db/log-texts.ts'
import { Search } from '../../db/search.ts'
import { StepArtifacts } from '../../db/step-artifacts.ts'
import { StepEvents } from '../../db/step-events.ts'
import { UiChanges } from '../../db/ui-changes.ts'
import { UserList } from '../../db/user-list.ts'
import { volumesOfTeam } from '../../db/volumes.ts'
import { VersionsOfScopes } from '../../db/shared-versions.ts'
import { PausedComponents } from '../../db/paused-components.ts'
import { Components } from '../../server/components.ts'
import { WallStore } from '../../db/wall.ts'
import { WorkerArtifacts } from '../../db/worker-artifacts.ts'
import { credentialsOf } from '../../credentials/testing/open.ts'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { noChecks } from '../../model/health.ts'
import { fail } from '../../model/result.ts'
import type { Role, TeamAuth } from '../../model/team.ts'
import { PipelineConfigs } from '../../pipelines/configs.ts'
import { nextInputs } from '../../scheduler/next-inputs.ts'
import { refusedVersions } from '../../scheduler/requested-versions.ts'
import { createApi, type Api, type ApiOptions } from '../api.ts'
import type { Route } from '../request.ts'
import { checkAnswer } from './check-answer.ts'

export type Caller = Role | 'admin' | 'stranger'

/** The API on a database of its own: team main with a person of each role, and team other, whose owner is the stranger. */
export interface ApiWorld {
  readonly api: Api
  readonly db: Db
  readonly clock: FakeClock
  readonly builds: Builds
  readonly pipelines: Pipelines
  readonly options: ApiOptions
  tokenOf(who: Caller): Promise<string>
  /** Answers are compared with the shape that their route has in the table. */
  call(method: Route['method'], url: string, payload?: string | Buffer | object, options?: { readonly as?: Caller | 'nobody'; readonly headers?: Record<string, string> }): Promise<Answered>
  /** Sets pipeline p of team main, or another, from YAML. */
  setPipeline(yaml: string, path?: string): Promise<void>
}

export type Answered = Awaited<ReturnType<Api['app']['inject']>>

const grants = (users: string): { users: string[]; groups: string[] } => ({ users: [users], groups: [] })
const main: TeamAuth = { owner: grants('local:admin'), member: grants('local:member'), 'pipeline-operator': grants('local:Pipeline-Operator'), viewer: grants('local:viewer') }
const other: TeamAuth = { owner: grants('local:stranger') }

/** Opens a database for the tests of a file, and empties it before each. */
export function useApi(changed: (made: ApiOptions) => Partial<ApiOptions> = () => ({})): () => ApiWorld {
  let [db, dir, world]: [Db | undefined, string, ApiWorld | undefined] = [undefined, '', undefined]
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'airside-api-'))
    db = await openPglite({ dir, template: testTemplate })
  }, 60_000)
  afterAll(async () => {
    await db?.close()
    await rm(dir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await emptyDatabase(db as Db)
    world = await worldOn(db as Db, await openDiskStore(join(dir, 'artifacts')), changed)
  })
  afterEach(() => world?.api.close())
  return () => world as ApiWorld
}

let passwordHash: Promise<string> | undefined

async function worldOn(db: Db, artifacts: ArtifactStore, changed: (made: ApiOptions) => Partial<ApiOptions>): Promise<ApiWorld> {
  const clock = fakeClock()
  const [teams, tokens, builds, pipelines, localUsers] = [new Teams(db), new Tokens(db), new Builds(db, cipher), new Pipelines(db, cipher), new LocalUsers(db)]
  const formerBuilds = new KeptFormerBuilds((id) => new FormerBuilds(db, cipher).before(id))
  await teams.put({ name: 'main', auth: main, admin: true }, clock.now())
  await teams.put({ name: 'other', auth: other, admin: false }, clock.now())
  await localUsers.addFirst('admin', await (passwordHash ??= hashPassword('right')), clock.now())
  const browser = new ArtifactBrowser(artifacts)
  const listedChanges = new ListedChanges(db)
  let level = 'info'
  const made: ApiOptions = {
    teams, tokens, builds, pipelines, clock,
    passwords: [await LocalUsersConnector.open([], localUsers, new Bcrypt())],
    log: silentLog,
    externalUrl: 'http://ci.example',
    limits: new LoginLimits(clock),
    configs: new PipelineConfigs(pipelines),
    lists: new BuildLists(db),
    listedChanges: () => listedChanges.count(),
    dashboard: new Dashboard(db),
    search: new Search(db),
    jobs: new PendingBuilds(db, cipher),
    uiChanges: new UiChanges(db),
    places: new Places(db),
    stepEvents: new StepEvents(db),
    outputs: { ofBuild: (id) => new StepArtifacts(db).ofBuild(id), has: ({ digest }) => browser.has(digest), list: ({ digest }, ...given) => browser.list(digest, ...given), file: ({ digest }, path) => browser.file(digest, path) },
    buildTests: buildTests({ builds, stepArtifacts: new StepArtifacts(db), artifacts }),
    logTexts: new LogTexts(db),
    recordedSteps: (id) => recordedSteps(builds, id),
    formerImages: async (id, of) => formerImages(of, await formerBuilds.before(id)),
    notTriggered: (jobId) => notTriggered(db, jobId),
    events: new BuildEvents(db, { clock }),
    resources: new ResourceViews(db),
    workerArtifacts: new WorkerArtifacts(db),
    artifacts: { store: (source) => storeUpload(artifacts, source), open: async ({ digest }) => (await artifacts.open(digest))?.stream },
    createOneOff: (build) => createOneOff({ builds, runtime: {}, clock }, build),
    createCheck: (check) => createCheck({ builds, runtime: {}, clock }, check),
    wantCheck: (resourceId, now) => new WantedChecks(db).wantResource(resourceId, now),
    buildVersions: new BuildVersions(db),
    nextInputs: (jobId) => nextInputs(new JobSchedules(db, cipher), jobId),
    refusedVersions: (jobId, versions) => refusedVersions(new JobSchedules(db, cipher), jobId, versions),
    notReusable: async (from) => {
      const reused = await reusedBuild({ builds, artifacts }, from)
      return reused.ok ? undefined : reused.error
    },
    containers: { checks: () => Promise.resolve([]), find: () => Promise.resolve({ targets: [] }), enter: () => Promise.resolve(fail('there is no container')) },
    holderOf: () => Promise.resolve({ kind: 'here' }),
    peers: () => Promise.resolve([]),
    worker: { name: 'docker', startedAt: 0, baseTypes: [{ type: 'git', image: 'concourse/git-resource' }], containers: () => Promise.resolve({ all: 2, tasks: 1 }) },
    volumes: async (teamId, now) => (await volumesOfTeam(db, teamId, now)).volumes,
    sharedVersions: new VersionsOfScopes(db),
    database: await databaseHealth(db),
    checkQueue: () => noChecks,
    components: await Components.open(new PausedComponents(db), clock, silentLog),
    wall: new WallStore(db),
    auditLog: new Audit(db),
    users: new UserList(db),
    taskCaches: new TaskCaches(db),
    resourceCaches: new ResourceCaches(db),
    cli: { find: () => Promise.resolve(fail({ kind: 'missing', message: 'no fly here' })) },
    logLevel: { get: () => level, set: (wanted) => void (level = wanted) },
    credentials: credentialsOf({ managers: [{ type: 'dummy', vars: { 'main/known': 'x' } }] }),
    publishedKeys: () => Promise.resolve([{ kid: 'k', kty: 'EC' }]),
    credentialManagers: {},
    audit: { loggedIn: () => undefined, refused: () => undefined },
    loginMs: 24 * 3_600_000,
    connectors: [],
    tokenConnectors: [],
    cookies: { secret: Buffer.alloc(32, 1), secure: false },
    onAnswer: checkAnswer,
  }
  const options = { ...made, ...changed(made) }
  const api = await createApi(options)
  const known = new Map<Caller, string>()
  const tokenOf = async (who: Caller): Promise<string> => {
    const name = who === 'owner' ? 'admin' : who
    const token = known.get(who) ?? newToken()
    if (!known.has(who)) {
      const { id } = await tokens.login({ connector: 'local', subject: name, name, groups: [] }, clock.now())
      await tokens.issue(id, { hash: tokenHash(token), kind: 'fly', expiresAt: clock.now() + 3_600_000 }, clock.now())
    }
    known.set(who, token)
    return token
  }
  const call: ApiWorld['call'] = async (method, url, payload, { as = 'admin', headers = {} } = {}) =>
    api.app.inject({
      method,
      url,
      headers: { ...(as !== 'nobody' && { authorization: `Bearer ${await tokenOf(as)}` }), ...headers },
      ...(payload !== undefined && { payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload) }),
    })
  return {
    api, db, clock, builds, pipelines, options, tokenOf, call,
    async setPipeline(yaml, path = '/api/v1/teams/main/pipelines/p') {
      const set = await call('PUT', `${path.replace(/(\?|$)/, '/config$1')}`, yaml, { headers: { 'content-type': 'application/x-yaml' } })
      expect([200, 201], set.payload).toContain(set.statusCode)
    },
  }
}
