import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDiskStore } from '../artifacts/disk.ts'
import type { ArtifactStore } from '../artifacts/store.ts'
import { BuildEvents } from '../db/build-events.ts'
import { Builds } from '../db/builds.ts'
import { aesCipher } from '../db/cipher.ts'
import { keyFromFile, keyFromText } from '../db/encryption-key.ts'
import { migrate } from '../db/migrate.ts'
import { ResourceCaches } from '../db/resource-caches.ts'
import { Scopes } from '../db/scopes.ts'
import { Settings } from '../db/settings.ts'
import { StepDurations } from '../db/step-durations.ts'
import { TaskCaches } from '../db/task-caches.ts'
import { Versions } from '../db/versions.ts'
import type { Db } from '../db/db.ts'
import type { Clock } from '../lib/clock.ts'
import { newPrivateKey, serverKey, type ServerKey } from '../supervision/server-key.ts'

/** Says that a PostgreSQL database refers to this folder's artifacts, beside the databases that lie in it. */
export const postgresMark = (data: string): string => join(data, 'used-by-postgres')

/** Everything durable of one installation. */
export interface Stores {
  readonly db: Db
  readonly builds: Builds
  readonly events: BuildEvents
  readonly scopes: Scopes
  readonly versions: Versions
  readonly resourceCaches: ResourceCaches
  readonly taskCaches: TaskCaches
  readonly stepDurations: StepDurations
  readonly artifacts: ArtifactStore
  /** Tells this installation's containers from others'. */
  readonly installation: string
  readonly key: ServerKey
  /** Session keys of supervisors are derived from it. */
  readonly secret: Buffer
}

export async function openStores(db: Db, data: string, encryptionKey: string | undefined, clock: Clock): Promise<Stores> {
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
  return {
    db,
    builds,
    events: new BuildEvents(db, { clock }),
    versions: new Versions(db),
    resourceCaches: new ResourceCaches(db),
    taskCaches: new TaskCaches(db),
    stepDurations: new StepDurations(db),
    scopes: new Scopes(db),
    artifacts,
    installation,
    key: serverKey(key),
    secret: Buffer.from(secret, 'hex'),
  }
}
