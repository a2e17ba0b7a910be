import { access } from 'node:fs/promises'
import { instanceNumbers, tryOpen } from '../db/pglite/instance.ts'
import type { Clock } from '../lib/clock.ts'
import { allOpen, type Gates } from '../model/component.ts'
import { through } from '../lib/gate.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import { fail, ok } from '../model/result.ts'
import type { ArtifactReferences, VisitReferences } from '../retention/artifact-collection.ts'
import { openStores, postgresMark, type Stores } from './stores.ts'

export interface ArtifactDatabasesOptions {
  readonly data: string
  readonly encryptionKey?: string
  /** Databases that this process has open: embedded ones with their number. */
  readonly own: readonly { readonly instance: number; readonly stores: Stores }[]
  /** What of it is paused. Default: nothing. */
  readonly gates?: Gates
  readonly clock: Clock
}

/** All databases of a data folder that refer to its artifacts: this process's, and those that no process has open. */
export function artifactDatabases({ data, encryptionKey, own, gates = allOpen, clock }: ArtifactDatabasesOptions): VisitReferences {
  return async (visit) => {
    let store = own[0]?.stores.artifacts
    for (const { stores } of own) await visit(referencesOf(stores, gates, clock))
    const hasPostgres = own.some(({ stores }) => stores.db.driver === 'pg')
    if (!hasPostgres && (await exists(postgresMark(data)))) return fail('a PostgreSQL database refers to artifacts here too: its server removes what nobody needs')
    for (const number of await instanceNumbers(data)) {
      if (own.some(({ instance, stores }) => instance === number && stores.db.driver === 'pglite')) continue
      const db = await tryOpen(data, number, undefined)
      if (db === undefined) return fail(`another process has database ${number}`)
      let stores: Stores | undefined
      try {
        stores = await openStores(db, data, { encryptionKey }, clock)
        store ??= stores.artifacts
        await visit(referencesOf(stores, gates, clock))
      } finally {
        await (stores ?? db).close()
      }
    }
    return ok(store)
  }
}

function referencesOf(stores: Stores, gates: Gates, clock: Clock): ArtifactReferences {
  return {
    async deleteExpired({ cachesUnusedSince, outputsOfBuildsBefore }) {
      await through(gates('collector_resource_caches'), () => stores.resourceCaches.deleteUnusedSince(cachesUnusedSince))
      await through(gates('collector_task_caches'), () => stores.taskCaches.deleteUnusedSince(cachesUnusedSince))
      await through(gates('collector_artifacts'), async () => {
        await stores.workerArtifacts.expire(clock.now())
        await stores.stepArtifacts.forget(outputsOfBuildsBefore)
      })
    },
    referenced: () => referencedBy(stores),
  }
}

/** What rows of a database mention: caches, names, steps of unfinished builds and what those builds were made with. */
async function referencedBy({ stepArtifacts, builds, shared }: Stores): Promise<Set<ArtifactDigest>> {
  const found = new Set([...(await stepArtifacts.referenced()), ...(shared?.referenced() ?? [])])
  let before: number | undefined
  for (;;) {
    const page = await builds.list({ unfinished: true, ...(before !== undefined && { before }) })
    for (const { id } of page) {
      const context = JSON.stringify((await builds.get(id))?.context ?? null)
      for (const [digest] of context.matchAll(/sha256:[0-9a-f]{64}/g)) found.add(digest as ArtifactDigest)
    }
    before = page.at(-1)?.id
    if (before === undefined) return found
  }
}

const exists = (file: string): Promise<boolean> => access(file).then(() => true, () => false)
