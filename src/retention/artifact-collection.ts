import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { boundedRecord, boundedString } from '../lib/bounded.ts'
import { collectArtifacts } from '../artifacts/collect.ts'
import { isDigest, type ArtifactStore } from '../artifacts/store.ts'
import type { Clock } from '../lib/clock.ts'
import { openGate, through, type Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import { periodic, type Service } from '../lib/service.ts'
import type { ArtifactDigest } from '../model/artifact.ts'
import { ok, type Result } from '../model/result.ts'

const dayMs = 24 * 3_600_000
/** Caches that no build has used for this long are deleted. */
const cachesKeptMs = 30 * dayMs
const everyMs = 3_600_000
/** Delay of the first collection, since a server that has just started is busy. */
const firstAfterMs = 600_000
/** How long an unreferenced artifact is kept. A supervisor may deliver outputs for a day after the server was stopped; one more day is a margin. */
export const artifactGraceMs = 2 * dayMs

/** How long after its build's end what a step stored is referred to, unless a setting says otherwise. */
export const outputsKeptMs = 2 * dayMs

/** Times, unix ms. */
export interface Expiry {
  readonly cachesUnusedSince: number
  /** Builds that ended before that. */
  readonly outputsOfBuildsBefore: number
}

/** One database whose rows refer to artifacts. */
export interface ArtifactReferences {
  /** Deletes rows that no longer refer to anything: caches, uploads, what steps of ended builds stored. */
  deleteExpired(expiry: Expiry): Promise<void>
  referenced(): Promise<Iterable<ArtifactDigest>>
}

/**
 * Calls back for every database that refers to artifacts of the store, one after the other, and returns the store, or undefined if there
 * is none. The error says which database cannot be opened.
 */
export type VisitReferences = (visit: (references: ArtifactReferences) => Promise<void>) => Promise<Result<ArtifactStore | undefined, string>>

export interface ArtifactCollectionOptions {
  /** The data folder, where a file records since when artifacts have been unreferenced. */
  readonly data: string
  readonly visit: VisitReferences
  readonly graceMs: number
  readonly outputsKeptMs: number
  /** Closed: files stay. */
  readonly gate?: Gate
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/** Removes artifacts that no database refers to. If one of the databases cannot be opened, nothing is removed and the error says why. */
export async function collectUnused({ data, visit, graceMs, outputsKeptMs: keptMs, gate = openGate, clock, signal }: ArtifactCollectionOptions): Promise<Result<{ readonly removed: number; readonly freed: number }, string>> {
  const now = clock.now()
  const referenced = new Set<ArtifactDigest>()
  const store = await visit(async (references) => {
    await references.deleteExpired({ cachesUnusedSince: now - cachesKeptMs, outputsOfBuildsBefore: now - keptMs })
    for (const digest of await references.referenced()) referenced.add(digest)
  })
  if (!store.ok) return store
  if (store.value === undefined) return ok({ removed: 0, freed: 0 })
  const artifacts = store.value
  const memory = unreferencedFile(data)
  const collected = await through(gate, async () => {
    const { removed, freed, unreferencedSince } = await collectArtifacts({
      store: artifacts, referenced, graceMs, now, unreferencedSince: await memory.read(), ...(signal && { signal }),
    })
    await memory.write(unreferencedSince)
    return { removed, freed }
  })
  return ok(collected ?? { removed: 0, freed: 0 })
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

/** Since when artifacts have been unreferenced. If the file is lost or cannot be read, they are removed later. */
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
