import { LoginLimits } from '../../auth/login-limits.ts'
import { Bcrypt } from '../../auth/passwords/bcrypt.ts'
import { LocalUsersConnector } from '../../auth/passwords/local-users.ts'
import { hashPassword } from '../../auth/passwords/scrypt.ts'
import type { TokenKind } from '../../auth/ports.ts'
import { MemoryTeams } from '../../auth/testing/memory-teams.ts'
import { MemoryTokens } from '../../auth/testing/memory-tokens.ts'
import { newToken, tokenHash } from '../../auth/tokens.ts'
import { credentialsOf } from '../../credentials/testing/open.ts'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import type { StoredEvent } from '../../model/build.ts'
import { noChecks } from '../../model/health.ts'
import type { ListedBuild } from '../../model/listed-build.ts'
import type { Role, Team } from '../../model/team.ts'
import { PipelineConfigs } from '../../pipelines/configs.ts'
import { MemoryPipelines } from '../../pipelines/testing/memory-pipelines.ts'
import { checkAnswer } from './check-answer.ts'
import { createApi, type Api, type ApiOptions } from '../api.ts'

export interface ApiWorld {
  readonly api: Api
  readonly clock: FakeClock
  readonly teams: MemoryTeams
  readonly pipelines: MemoryPipelines
  readonly builds: Map<number, ListedBuild>
  readonly events: MemoryEvents
  /** A token of somebody with the role in team main; `stranger`: of another team's owner. */
  tokenOf(who: Role | 'admin' | 'stranger', kind?: TokenKind): Promise<string>
}

/** Events of one build, as they are pushed. A batch may be `cut`: the source fails there. */
export class MemoryEvents {
  readonly all: StoredEvent[] = []
  private waiting = Promise.withResolvers<void>()
  private failing = false
  streams = 0

  push(type: string, payload: object): void {
    this.all.push({ id: this.all.length, type, version: '1.0', payload: JSON.stringify(payload) })
    this.wake()
  }

  /** The streams that are open break. */
  fail(): void {
    this.failing = true
    this.wake()
    this.failing = false
  }

  read(_buildId: number, after: number, limit: number): Promise<readonly StoredEvent[]> {
    return Promise.resolve(this.all.slice(after + 1, after + 1 + limit))
  }

  async *stream(_buildId: number, { after = -1, signal }: { readonly after?: number; readonly signal: AbortSignal }): AsyncGenerator<readonly StoredEvent[]> {
    this.streams++
    let cursor = after
    for (;;) {
      signal.throwIfAborted()
      const batch = this.all.slice(cursor + 1)
      if (batch.length > 0) {
        cursor += batch.length
        yield batch
        if (batch.some(({ type, payload }) => type === 'status' && !payload.includes('started'))) return
        continue
      }
      const { promise } = this.waiting
      await Promise.race([promise, new Promise((resolve) => void signal.addEventListener('abort', resolve, { once: true }))])
      if (this.broken) throw new Error('the database is gone')
    }
  }

  private broken = false
  private wake(): void {
    this.broken = this.failing
    const { resolve } = this.waiting
    this.waiting = Promise.withResolvers()
    resolve()
  }
}

const teamsOfWorld: readonly Team[] = [
  {
    id: 1, name: 'main', admin: true,
    auth: { owner: { users: ['local:admin'], groups: [] }, member: { users: ['local:member'], groups: [] }, 'pipeline-operator': { users: ['local:Pipeline-Operator'], groups: [] }, viewer: { users: ['local:viewer'], groups: [] } },
  },
  { id: 2, name: 'other', admin: false, auth: { owner: { users: ['local:stranger'], groups: [] }, viewer: { users: [], groups: [] } } },
]

/** A hash takes a tenth of a second: one for all worlds. */
const rightPassword = hashPassword('right')

/** Ports that no test of this world asks: database-world.ts has them. */
const nobody = <T extends object>(): T => new Proxy({} as T, { get: () => () => Promise.reject(new Error('no test of this world needs it')) })
const unused: Pick<ApiOptions, 'resources' | 'auditLog' | 'components' | 'checkQueue' | 'database' | 'wall' | 'users' | 'taskCaches' | 'resourceCaches' | 'cli' | 'workerArtifacts' | 'artifacts' | 'createOneOff' | 'createCheck' | 'wantCheck' | 'buildVersions' | 'nextInputs' | 'refusedVersions' | 'notReusable' | 'containers' | 'holderOf' | 'peers' | 'worker' | 'volumes' | 'sharedVersions' | 'dashboard' | 'search' | 'places' | 'stepEvents' | 'logTexts' | 'outputs' | 'buildTests' | 'recordedSteps' | 'formerImages' | 'notTriggered'> = {
  resources: nobody(), components: nobody(), database: nobody(), wall: nobody(), users: nobody(), taskCaches: nobody(), resourceCaches: nobody(), cli: nobody(), workerArtifacts: nobody(), artifacts: nobody(), buildVersions: nobody(), containers: nobody(), worker: nobody(), sharedVersions: nobody(), dashboard: nobody(), search: nobody(), places: nobody(), stepEvents: nobody(), logTexts: nobody(), outputs: nobody(),
  buildTests: () => Promise.reject(new Error('no test of this world needs it')),
  recordedSteps: () => Promise.reject(new Error('no test of this world needs it')),
  formerImages: () => Promise.reject(new Error('no test of this world needs it')),
  notTriggered: () => Promise.reject(new Error('no test of this world needs it')),
  holderOf: () => Promise.reject(new Error('no test of this world needs it')),
  peers: () => Promise.reject(new Error('no test of this world needs it')),
  checkQueue: () => noChecks,
  auditLog: { add: () => Promise.resolve(), page: () => Promise.resolve([]) },
  volumes: () => Promise.reject(new Error('no test of this world needs it')),
  refusedVersions: () => Promise.resolve([]),
  notReusable: () => Promise.resolve(undefined),
  nextInputs: () => Promise.reject(new Error('no test of this world needs it')),
  createOneOff: () => Promise.reject(new Error('no test of this world needs it')),
  createCheck: () => Promise.reject(new Error('no test of this world needs it')),
  wantCheck: () => Promise.reject(new Error('no test of this world needs it')),
}

export async function apiWorld(given: Partial<ApiOptions> = {}): Promise<ApiWorld> {
  const clock = fakeClock()
  const tokens = new MemoryTokens()
  const pipelines = new MemoryPipelines(['main', 'other'])
  const builds = new Map<number, ListedBuild>()
  const events = new MemoryEvents()
  const hash = await rightPassword
  const passwords = await LocalUsersConnector.open([], { passwordHash: (name) => Promise.resolve(name === 'admin' ? hash : undefined) }, new Bcrypt())
  const teams = new MemoryTeams(teamsOfWorld)
  let listedChanges = 0
  const api = await createApi({
    teams, tokens, passwords: [passwords], pipelines, configs: new PipelineConfigs(pipelines), events, clock, log: silentLog, externalUrl: 'http://ci.example',
    limits: new LoginLimits(clock),
    audit: { loggedIn: () => undefined, refused: () => undefined },
    loginMs: 24 * 3_600_000,
    connectors: [],
    tokenConnectors: [],
    ...unused,
    logLevel: { get: () => 'info', set: () => undefined },
    credentials: credentialsOf({ managers: [{ type: 'dummy', vars: { 'main/known': 'x' } }] }),
    publishedKeys: () => Promise.resolve([{ kid: 'k', kty: 'EC' }]),
    credentialManagers: {},
    onAnswer: checkAnswer,
    cookies: { secret: Buffer.alloc(32, 1), secure: false },
    uiChanges: { listen: () => Promise.resolve(() => Promise.resolve()) },
    builds: { get: () => Promise.resolve(undefined), requestAbort: () => Promise.resolve(true) },
    lists: {
      get: (id) => Promise.resolve(builds.get(id)),
      ofJob: (jobId, name) => Promise.resolve([...builds.values()].find((build) => build.scope.jobId === jobId && build.name === name)),
      page: () => Promise.resolve({ builds: [...builds.values()].toReversed() }),
      comment: () => Promise.resolve(),
      byIds: () => Promise.resolve([]),
      ofJobs: () => Promise.resolve(new Map()),
    },
    // Nothing counts changes here: each list is made anew.
    listedChanges: () => Promise.resolve((listedChanges += 1)),
    jobs: {
      rerun: () => Promise.reject(new Error('no test of this world needs it')),
      givenByHand: () => Promise.reject(new Error('no test of this world needs it')),
      trigger(jobId, createdBy, now) {
        const id = builds.size + 1
        builds.set(id, { id, kind: 'job', name: String(id), scope: { teamId: 1, pipelineId: 1, jobId }, team: 'main', pipeline: 'p', job: 'j', status: 'pending', createdBy, createdAt: now, abortRequested: false, pipelinePublic: false, jobPublic: false })
        return Promise.resolve(id)
      },
      wake: () => undefined,
    },
    ...given,
  })
  return {
    api, clock, teams, pipelines, builds, events,
    async tokenOf(who, kind = 'fly') {
      const name = who === 'owner' ? 'admin' : who
      const token = newToken()
      const { id } = await tokens.login({ connector: 'local', subject: name, name, groups: [] }, clock.now())
      await tokens.issue(id, { hash: tokenHash(token), kind, expiresAt: clock.now() + 3_600_000 })
      return token
    },
  }
}
