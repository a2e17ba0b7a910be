import type { z } from 'zod'
import { mostRelated, type CausalVersion, type Causes } from '../../model/causality.ts'
import type { causalitySchema } from '../schemas.ts'

type Shown = z.input<typeof causalitySchema>

/**
 * Builds and versions as a graph that leads from the resource's version down to what came of it, or up to where it came from. Resources that
 * lead nowhere are left out: downstream what builds took besides, upstream what they made besides.
 */
export function presentCausality({ builds, versions, related }: Causes, direction: 'downstream' | 'upstream', rootId: number): Shown {
  const childOfBuild = direction === 'downstream' ? 'output' : 'input'
  const shown = new Set([rootId, ...versions.filter(({ as }) => as === childOfBuild).map(({ resourceId }) => resourceId)])
  const kept = versions.filter(({ resourceId }) => shown.has(resourceId))
  const ofBuild = groupBy(kept.filter(({ as }) => as === childOfBuild), ({ build }) => build)
  const ofVersion = groupBy(kept, versionKey)
  const ofResource = groupBy(kept, ({ resourceId }) => resourceId)
  const ofJob = groupBy(builds, ({ jobId }) => jobId)
  return {
    ...(related !== undefined && { left_out: leftOut(builds.length, related) }),
    jobs: [...ofJob].map(([id, all]) => ({ id, name: all[0]?.job ?? '', build_ids: all.map((build) => build.id) })),
    builds: builds.map(({ id, name, jobId, status }) => ({ id, name, job_id: jobId, status, ...given('resource_version_ids', ofBuild.get(id)?.map(({ versionId }) => versionId)) })),
    resources: [...ofResource].map(([id, all]) => ({ id, name: all[0]?.resource ?? '', version_ids: unique(all.map(({ versionId }) => versionId)) })),
    resource_versions: [...ofVersion.values()].flatMap(([first, ...rest]) =>
      first === undefined
        ? []
        : [{ id: first.versionId, resource_id: first.resourceId, version: first.version, ...given('build_ids', [first, ...rest].filter(({ as }) => as !== childOfBuild).map(({ build }) => build)) }],
    ),
  }
}

const number = new Intl.NumberFormat('en')

const leftOut = (shown: number, related: number): string =>
  `Of ${related >= mostRelated ? 'at least ' : ''}${number.format(related)} builds the newest ${number.format(shown)} are here, with the newest of those that had the version themselves; older ones, and versions that only those had, are left out.`

const versionKey = ({ resourceId, versionId }: CausalVersion): string => `${resourceId} ${versionId}`
const unique = (ids: readonly number[]): number[] => [...new Set(ids)]

/** Concourse leaves out empty lists of ids. */
function given<Name extends string>(name: Name, ids: readonly number[] = []): { readonly [Key in Name]?: number[] } {
  return ids.length === 0 ? {} : ({ [name]: unique(ids) } as { readonly [Key in Name]?: number[] })
}

function groupBy<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
