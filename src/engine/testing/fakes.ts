import { createHash } from 'node:crypto'
import { emptyImageConfig } from '../../model/image.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { MetadataField, Version } from '../../model/version.ts'
import type { CachedResource } from '../../model/cached-resource.ts'
import type { CheckOptions, CheckResult, CheckToBegin, CheckTurn, ImageResolver, ImageToResolve, ResolvedImage, ResourceCacheStore, TaskCacheStore, VersionsOf, VersionStore } from '../ports.ts'

/** The source's repository, as a text. */
export const repositoryOf = ({ repository }: JsonObject): string => textOf(repository ?? null)

/** `tag: 1.26` is a number. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/**
 * Resolves every repository to a digest of its name; `missing` is not found, `beyond` is found by nodes alone, `unlisted` by all but nodes.
 * `digests` moves a repository's tag.
 */
export class FakeImages implements ImageResolver {
  readonly digests = new Map<string, string>()
  readonly checks: string[] = []
  /** Versions that were checked from, in the same order. */
  readonly from: (Version | undefined)[] = []

  check(source: JsonObject, options: Pick<CheckOptions, 'from'> = {}): Promise<Result<readonly Version[], string>> {
    const repository = repositoryOf(source)
    this.checks.push(repository)
    this.from.push(options.from)
    if (repository.includes('missing')) return Promise.resolve(fail(`image not found: ${repository}:latest, says registry example.test (404)`))
    if (repository.includes('beyond')) return Promise.resolve(ok([]))
    return Promise.resolve(ok([{ tag: textOf(source['tag'] ?? 'latest'), digest: this.digest(repository) }]))
  }

  image({ source, checked, version }: ImageToResolve): Promise<Result<ResolvedImage, string>> {
    const repository = repositoryOf(source)
    if (repository.includes('beyond')) {
      return Promise.resolve(
        ok({ source: { kind: 'registry', reference: `example.test/${repository}:1`, host: 'example.test' }, config: emptyImageConfig, architectures: [], how: 'node', tag: '1', note: `${repository} cannot be asked about from here` }),
      )
    }
    const chosen = checked ?? version
    const digest = chosen?.['digest'] ?? this.digest(repository)
    return Promise.resolve(
      ok({
        source: { kind: 'registry' as const, reference: `example.test/${repository}:${chosen?.['tag'] ?? 'latest'}@${digest}`, host: 'example.test' },
        config: { ...emptyImageConfig, entrypoint: ['/entrypoint'] },
        architectures: ['amd64'],
        how: checked ? ('check' as const) : version ? ('pin' as const) : ('tag' as const),
        ...(repository.includes('unlisted') && { physical: `nodes cannot pull ${repository}` }),
      }),
    )
  }

  /** As they come, but for those about `mirrored`. */
  forContainer(source: JsonObject): JsonObject {
    return source['repository'] === 'mirrored' ? { ...source, registry_mirror: { host: 'mirror.example' } } : source
  }

  private digest(repository: string): string {
    return this.digests.get(repository) ?? `sha256:${createHash('sha256').update(repository).digest('hex')}`
  }
}

export interface SavedVersion extends VersionsOf {
  readonly version: Version
  readonly metadata: readonly MetadataField[]
}

export class MemoryVersions implements VersionStore {
  readonly scopes = new Map<string, readonly Version[]>()
  readonly ends: CheckResult[] = []
  readonly entered: VersionsOf[] = []
  readonly metadata: SavedVersion[] = []
  save(scope: string, versions: readonly Version[]): Promise<void> {
    if (versions.length > 0) this.scopes.set(scope, versions)
    return Promise.resolve()
  }
  latest(scope: string): Promise<Version | undefined> {
    return Promise.resolve(this.scopes.get(scope)?.at(-1))
  }
  begin({ scope, from = this.scopes.get(scope)?.at(-1) }: CheckToBegin): Promise<CheckTurn> {
    return Promise.resolve({
      kind: 'run',
      ...(from && { from }),
      end: async (result) => {
        this.ends.push(result)
        if (result.kind === 'found') await this.save(scope, result.versions)
      },
    })
  }
  enter(of: VersionsOf): Promise<void> {
    this.entered.push(of)
    return Promise.resolve()
  }
  saveMetadata(of: VersionsOf, version: Version, metadata: readonly MetadataField[]): Promise<void> {
    this.metadata.push({ ...of, version, metadata })
    return Promise.resolve()
  }
}

export function memoryCaches(): { resources: ResourceCacheStore; tasks: TaskCacheStore } {
  const resources = new Map<string, CachedResource>()
  const tasks = new Map<string, Parameters<TaskCacheStore['put']>[1]>()
  const taskKey = ({ jobId, step, path }: Parameters<TaskCacheStore['get']>[0]) => JSON.stringify([jobId, step, path])
  return {
    resources: {
      get: (key) => Promise.resolve(resources.get(key)),
      put: (key, value) => Promise.resolve(void resources.set(key, value)),
    },
    tasks: {
      get: (cache) => Promise.resolve(tasks.get(taskKey(cache))),
      put: (cache, artifact) => Promise.resolve(void tasks.set(taskKey(cache), artifact)),
    },
  }
}
