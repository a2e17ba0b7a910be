import { access, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedRecord, boundedString } from '../lib/bounded.ts'
import { collectArtifacts } from '../artifacts/collect.ts'
import { isDigest } from '../artifacts/store.ts'
import { Artifacts } from '../db/artifacts.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { instanceNumbers, tryOpen } from '../db/pglite/instance.ts'
import { openStores, postgresMark, type Stores } from './stores.ts'

const dayMs = 24 * 3_600_000
/** Caches that no build has used for so long go: they can be made again. */
const cachesKeptMs = 30 * dayMs
/** A server that runs collects so often, and for the first time when it has come to rest. */
const everyMs = 3_600_000
const firstAfterMs = 600_000
/** A supervisor delivers for a day what it had stored before a server came back; one more for whatever is slower still. */
export const artifactGraceMs = 2 * dayMs

export interface ArtifactCollectionOptions {
  readonly data: string
  readonly encryptionKey?: string
  /** Databases that this process has: embedded ones with their number. */
  readonly own: readonly { readonly instance: number; readonly stores: Stores }[]
  readonly graceMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/**
 * Removes artifacts of a data folder that none of its databases refers to. Nothing happens, and why is said, where one of them cannot be
 * looked into: another process has it.
 */
export async function collectUnused(options: ArtifactCollectionOptions): Promise<Result<{ readonly removed: number; readonly freed: number }, string>> {
  const { data, own, clock, graceMs, signal } = options
  const now = clock.now()
  const referenced = new Set<ArtifactDigest>()
  const look = async (stores: Stores): Promise<void> => {
    await stores.resourceCaches.deleteUnusedSince(now - cachesKeptMs)
    await stores.taskCaches.deleteUnusedSince(now - cachesKeptMs)
    for (const digest of await referencesOf(stores)) referenced.add(digest)
  }
  let store = own[0]?.stores.artifacts
  for (const { stores } of own) await look(stores)
  const hasPostgres = own.some(({ stores }) => stores.db.driver === 'pg')
  if (!hasPostgres && (await there(postgresMark(data)))) return fail('a PostgreSQL database refers to artifacts here too: its server removes what nobody needs')
  for (const number of await instanceNumbers(data)) {
    if (own.some(({ instance, stores }) => instance === number && stores.db.driver === 'pglite')) continue
    const db = await tryOpen(data, number, undefined)
    if (db === undefined) return fail(`another process has database ${number}`)
    let stores: Stores | undefined
    try {
      stores = await openStores(db, data, options.encryptionKey, clock)
      store ??= stores.artifacts
      await look(stores)
    } finally {
      await (stores ?? db).close()
    }
  }
  if (store === undefined) return ok({ removed: 0, freed: 0 })
  const memory = unreferencedFile(data)
  const { removed, freed, unreferencedSince } = await collectArtifacts({
    store, referenced, graceMs, now, unreferencedSince: await memory.read(), ...(signal && { signal }),
  })
  await memory.write(unreferencedSince)
  return ok({ removed, freed })
}

/** What rows of a database mention: caches, names, steps of unfinished builds and what those builds were made with. */
async function referencesOf({ db, builds, shared }: Stores): Promise<Set<ArtifactDigest>> {
  const found = new Set([...(await new Artifacts(db).referenced()), ...(shared?.referenced() ?? [])])
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

/** Collects every hour. */
export function artifactCollection(options: Omit<ArtifactCollectionOptions, 'signal'> & { readonly log: Log }): Service {
  const { clock, log } = options
  return periodic({
    name: 'artifact collection', clock, log, everyMs, firstAfterMs,
    async run(signal) {
      const collected = await collectUnused({ ...options, signal })
      if (!collected.ok) log.debug({ reason: collected.error }, 'artifacts are not collected now')
      else if (collected.value.removed > 0) log.info(collected.value, 'removed artifacts that nothing refers to')
    },
  })
}

const memorySchema = boundedRecord(boundedString(160), z.number(), 10_000_000)

/** Since when artifacts have been unreferenced; a file that is lost, or cannot be read, delays their removal. */
function unreferencedFile(data: string) {
  const file = join(data, 'unreferenced-artifacts.json')
  return {
    async read(): Promise<Map<ArtifactDigest, number>> {
      try {
        const entries = Object.entries(memorySchema.parse(JSON.parse(await readFile(file, 'utf8'))))
        return new Map(entries.flatMap(([digest, since]) => (isDigest(digest) ? [[digest, since] as const] : [])))
      } catch {
        return new Map()
      }
    },
    async write(since: ReadonlyMap<ArtifactDigest, number>): Promise<void> {
      if (since.size === 0) return rm(file, { force: true })
      await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(since)), { mode: 0o600 })
      await rename(`${file}.new`, file)
    },
  }
}

const there = (file: string): Promise<boolean> => access(file).then(() => true, () => false)
