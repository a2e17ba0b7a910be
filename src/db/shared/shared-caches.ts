import type { ResourceCacheStore, TaskCacheKey, TaskCacheStore } from '../../engine/ports.ts'
import { canonicalJson } from '../../lib/canonical-json.ts'
import type { ArtifactDigest, ArtifactRef } from '../../model/artifact.ts'
import type { CachedResource } from '../../model/cached-resource.ts'
import type { MetadataField, Version } from '../../model/version.ts'
import type { SharedIndex } from './shared-index.ts'
import type { JobName } from './shared-jobs.ts'

/** What a get fetched, in whichever process of the data folder. */
export class SharedResourceCaches implements ResourceCacheStore {
  readonly #index: SharedIndex

  constructor(index: SharedIndex) {
    this.#index = index
  }

  /** Counts as use. */
  async get(key: string, now: number): Promise<CachedResource | undefined> {
    const row = this.#index.prepare('update resource_caches set used_at = max(used_at, ?) where key = ? returning digest, size, version, metadata').get(now, key)
    return (
      row && {
        artifact: refOf(row),
        version: JSON.parse(String(row['version'])) as Version,
        metadata: JSON.parse(String(row['metadata'])) as readonly MetadataField[],
      }
    )
  }

  async put(key: string, { artifact, version, metadata }: CachedResource, now: number, scope?: string): Promise<void> {
    this.#index
      .prepare('insert or replace into resource_caches (key, digest, size, version, metadata, used_at, scope) values (?, ?, ?, ?, ?, ?, ?)')
      .run(key, artifact.digest, artifact.size, JSON.stringify(version), JSON.stringify(metadata), now, scope ?? null)
  }

  /** Deletes what was fetched from a resource config, or only its one version; gives how many. */
  async clear(scope: string, version?: Version): Promise<number> {
    const wanted = version === undefined ? undefined : canonicalJson(version)
    return this.#index.write(() => {
      const rows = this.#index.prepare('select key, version from resource_caches where scope = ?').all(scope)
      const cleared = rows.filter((row) => wanted === undefined || canonicalJson(JSON.parse(String(row['version'])) as Version) === wanted)
      for (const { key } of cleared) this.#index.prepare('delete from resource_caches where key = ?').run(String(key))
      return cleared.length
    })
  }

  /** Deletes those not used since; gives how many. */
  async deleteUnusedSince(time: number): Promise<number> {
    return Number(this.#index.prepare('delete from resource_caches where used_at < ?').run(time).changes)
  }
}

/** Folders that a task keeps from one build of its job to the next, in whichever process of the data folder that is. */
export class SharedTaskCaches implements TaskCacheStore {
  readonly #index: SharedIndex
  readonly #nameOf: JobName

  constructor(index: SharedIndex, nameOf: JobName) {
    this.#index = index
    this.#nameOf = nameOf
  }

  async get({ jobId, step, path }: TaskCacheKey): Promise<ArtifactRef | undefined> {
    const row = this.#index.prepare('select digest, size from task_caches where job = ? and step = ? and path = ?').get(await this.#nameOf(jobId), step, path)
    return row && refOf(row)
  }

  async put({ jobId, step, path }: TaskCacheKey, artifact: ArtifactRef, now: number): Promise<void> {
    this.#index
      .prepare('insert or replace into task_caches (job, step, path, digest, size, used_at) values (?, ?, ?, ?, ?, ?)')
      .run(await this.#nameOf(jobId), step, path, artifact.digest, artifact.size, now)
  }

  /** Deletes a step's caches, or the one of `path`; gives how many. */
  async clear(jobId: number, step: string, path?: string): Promise<number> {
    const job = await this.#nameOf(jobId)
    const done =
      path === undefined
        ? this.#index.prepare('delete from task_caches where job = ? and step = ?').run(job, step)
        : this.#index.prepare('delete from task_caches where job = ? and step = ? and path = ?').run(job, step, path)
    return Number(done.changes)
  }

  /** Deletes those that no build has saved since; gives how many. */
  async deleteUnusedSince(time: number): Promise<number> {
    return Number(this.#index.prepare('delete from task_caches where used_at < ?').run(time).changes)
  }
}

const mostListed = 10_000

/** Caches of a team's tasks, the latest first. */
export function taskCachesOf(index: SharedIndex, team: string): { readonly id: string; readonly pipeline: string; readonly job: string; readonly step: string; readonly path: string }[] {
  const prefix = `${JSON.stringify([team]).slice(0, -1)},`
  const rows = index.prepare('select digest, job, step, path from task_caches where substr(job, 1, length(?)) = ? order by used_at desc limit ?').all(prefix, prefix, mostListed)
  return rows.map((row) => {
    const [, pipeline = '', job = ''] = JSON.parse(String(row['job'])) as string[]
    return { id: String(row['digest']), pipeline, job, step: String(row['step']), path: String(row['path']) }
  })
}

/** How many each job has, with the job's team: a team with several jobs stands there as often. */
export function countTaskCaches(index: SharedIndex): readonly { readonly team: string; readonly count: number }[] {
  const rows = index.prepare('select job, count(*) as count from task_caches group by job').all()
  return rows.map((row) => ({ team: (JSON.parse(String(row['job'])) as string[])[0] ?? '', count: Number(row['count']) }))
}

const refOf = (row: Readonly<Record<string, unknown>>): ArtifactRef => ({ digest: row['digest'] as ArtifactDigest, size: Number(row['size']) })
