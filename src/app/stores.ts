import { randomBytes, randomUUID } from 'node:crypto'
import type { Version } from '../model/version.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDiskStore } from '../artifacts/disk.ts'
import type { ArtifactStore } from '../artifacts/store.ts'
import { ScopeChecks } from '../checks/scope-checks.ts'
import { BuildEvents } from '../db/build-events.ts'
import { Builds } from '../db/builds.ts'
import { Checks } from '../db/checks.ts'
import { aesCipher, type Cipher } from '../db/cipher.ts'
import { keyFromFile, keyFromText } from '../db/encryption-key.ts'
import { migrate } from '../db/migrate.ts'
import { ResourceCaches } from '../db/resource-caches.ts'
import { SharedResourceCaches, SharedTaskCaches } from '../db/shared/shared-caches.ts'
import { openSharedIndex, type SharedIndex } from '../db/shared/shared-index.ts'
import { jobNames } from '../db/shared/shared-jobs.ts'
import { SharedStepDurations } from '../db/shared/shared-step-durations.ts'
import { SharedVersions } from '../db/shared/shared-versions.ts'
import { Pipelines } from '../db/pipelines.ts'
import { Resources } from '../db/resources.ts'
import { Scopes } from '../db/scopes.ts'
import { Settings } from '../db/settings.ts'
import { StepArtifacts } from '../db/step-artifacts.ts'
import { StepDurations } from '../db/step-durations.ts'
import { TaskCaches } from '../db/task-caches.ts'
import { WorkerArtifacts } from '../db/worker-artifacts.ts'
import { Versions } from '../db/versions.ts'
import type { Db } from '../db/db.ts'
import type { ResourceCacheStore, StepDurationStore, TaskCacheStore, VersionStore } from '../engine/ports.ts'
import type { KeyStore } from '../credentials/idtoken/signing-keys.ts'
import type { Clock } from '../lib/clock.ts'
import { newPrivateKey, serverKey, type ServerKey } from '../supervision/server-key.ts'

/** Says that a PostgreSQL database refers to this folder's artifacts, beside the databases that lie in it. */
export const postgresMark = (data: string): string => join(data, 'used-by-postgres')

interface Expiring {
  /** Deletes those not used since; gives how many. */
  deleteUnusedSince(time: number): Promise<number>
}

/** Everything durable of one installation. */
export interface Stores {
  readonly db: Db
  readonly cipher: Cipher
  readonly builds: Builds
  readonly events: BuildEvents
  readonly scopes: Scopes
  readonly pipelines: Pipelines
  readonly resources: Resources
  readonly versions: VersionStore
  readonly checks: Checks
  readonly resourceCaches: ResourceCacheStore & Expiring & { clear(scope: string, version?: Version): Promise<number> }
  readonly taskCaches: TaskCacheStore & Expiring & { clear(jobId: number, step: string, path?: string): Promise<number> }
  readonly stepDurations: StepDurationStore
  readonly workerArtifacts: WorkerArtifacts
  readonly stepArtifacts: StepArtifacts
  readonly artifacts: ArtifactStore
  /** Tells this installation's containers from others'. */
  readonly installation: string
  readonly key: ServerKey
  /** Keys that tokens of idtoken var sources are signed with. */
  readonly signingKeys: KeyStore
  /** Session keys of supervisors are derived from it. */
  readonly secret: Buffer
  /** Caches and versions of all embedded databases of the data folder; absent with PostgreSQL, which is shared itself. */
  readonly shared?: SharedIndex
  /** Closes the database too. */
  close(): Promise<void>
}

export interface StoresOptions {
  /** Text of the encryption key; absent: a file beside the data. */
  readonly encryptionKey?: string | undefined
}

export async function openStores(db: Db, data: string, { encryptionKey }: StoresOptions, clock: Clock): Promise<Stores> {
  await migrate(db, clock.now())
  const cipher = aesCipher(encryptionKey === undefined ? await keyFromFile(join(data, 'encryption-key')) : keyFromText(encryptionKey))
  const settings = new Settings(db, cipher)
  const installation = await settings.getOrPut('installation', () => randomUUID().slice(0, 13))
  const key = await settings.getOrPut('server-key', newPrivateKey, { secret: true })
  const secret = await settings.getOrPut('session-secret', () => randomBytes(32).toString('hex'), { secret: true })
  const builds = new Builds(db, cipher)
  // The embedded database's lock says that whoever held these leases is gone.
  if (db.driver === 'pglite') await builds.releaseAll()
  const artifacts = await openDiskStore(join(data, 'artifacts'))
  if (db.driver === 'pg') await writeFile(postgresMark(data), '')
  const scopes = new Scopes(db)
  const checks = new Checks(db, cipher)
  const shared = db.driver === 'pglite' ? await openSharedIndex(data) : undefined
  return {
    db,
    cipher,
    builds,
    events: new BuildEvents(db, { clock }),
    ...learnedBy({ db, scopes, checks, clock, shared }),
    scopes,
    checks,
    pipelines: new Pipelines(db, cipher),
    resources: new Resources(db),
    workerArtifacts: new WorkerArtifacts(db),
    stepArtifacts: new StepArtifacts(db),
    artifacts,
    installation,
    key: serverKey(key),
    signingKeys: { getOrPut: (name, make) => settings.getOrPut(name, make, { secret: true }), list: (prefix) => settings.list(prefix), remove: (name) => settings.remove(name) },
    secret: Buffer.from(secret, 'hex'),
    ...(shared && { shared }),
    async close() {
      shared?.close()
      await db.close()
    },
  }
}

interface Learning {
  readonly db: Db
  readonly scopes: Scopes
  readonly checks: Checks
  readonly clock: Clock
  readonly shared: SharedIndex | undefined
}

/** What one build learns for the next. An embedded database is one process's, so what another run is to find stands beside it. */
function learnedBy({ db, scopes, checks, clock, shared }: Learning): Pick<Stores, 'versions' | 'resourceCaches' | 'taskCaches' | 'stepDurations'> {
  if (shared === undefined) {
    return { versions: sharedVersions(db, checks, clock), resourceCaches: new ResourceCaches(db), taskCaches: new TaskCaches(db), stepDurations: new StepDurations(db) }
  }
  const nameOf = jobNames(scopes)
  return {
    versions: new SharedVersions(shared),
    resourceCaches: new SharedResourceCaches(shared),
    taskCaches: new SharedTaskCaches(shared, nameOf),
    stepDurations: new SharedStepDurations(shared, nameOf),
  }
}

/** Versions of a database that servers share, whose changes want jobs. */
function sharedVersions(db: Db, checks: Checks, clock: Clock): VersionStore {
  return new ScopeChecks(new Versions(db), clock, {
    onVersions: () => checks.wakeSchedulers(),
    async onEnd(end) {
      await checks.saveEnds([{ ...end, urgent: true }])
      await checks.wakeSchedulers()
    },
  })
}
