import type { Edge } from './model.ts'

/** What led to a version, or came of it: an answer of the API. */
export interface Causality {
  /** What the answer leaves out, as a sentence. */
  readonly left_out?: string
  readonly jobs: readonly { readonly id: number; readonly name: string }[]
  readonly builds: readonly CausalBuild[]
  readonly resources: readonly { readonly id: number; readonly name: string }[]
  readonly resource_versions: readonly CausalVersion[]
}

export interface CausalBuild {
  readonly id: number
  readonly name: string
  readonly job_id: number
  readonly status: string
  /** The versions behind it. */
  readonly resource_version_ids?: readonly number[] | undefined
}

export interface CausalVersion {
  readonly id: number
  readonly resource_id: number
  readonly version: Readonly<Record<string, string>>
  /** The builds behind it. */
  readonly build_ids?: readonly number[] | undefined
}

export type CausalNode = { readonly key: string } & (
  | { readonly kind: 'build'; readonly job: string; readonly build: CausalBuild }
  | { readonly kind: 'version'; readonly resource: string; readonly version: CausalVersion }
  /** Builds of a job, or versions of a resource, which stand for each of them. */
  | { readonly kind: 'builds' | 'versions'; readonly of: string; readonly count: number }
)

/** More nodes are grouped by job and by resource. */
export const mostNodes = 200
/** Of a group that was opened so many stand by themselves, the newest. */
export const mostOfGroup = 100

/** Nodes, and edges in the answer's direction. `opened`: keys of groups. */
export function causalNodes({ jobs, builds, resources, resource_versions: versions }: Causality, root: CausalVersion, opened: ReadonlySet<string>): { readonly nodes: readonly CausalNode[]; readonly edges: readonly Edge[] } {
  const jobNames = new Map(jobs.map(({ id, name }) => [id, name]))
  const resourceNames = new Map(resources.map(({ id, name }) => [id, name]))
  const nodes: CausalNode[] = []
  const numbers = new Map<string, number>()
  const add = (node: CausalNode): number => {
    const known = numbers.get(node.key)
    if (known !== undefined) return known
    numbers.set(node.key, nodes.length)
    return nodes.push(node) - 1
  }
  const grouped = builds.length + versions.length > mostNodes
  const single = <T extends { readonly id: number }>(all: readonly T[], group: (item: T) => string): ((item: T) => boolean) => {
    if (!grouped) return () => true
    const byGroup = Map.groupBy(all, group)
    const shown = new Set([...opened].flatMap((key) => (byGroup.get(key) ?? []).toSorted((a, b) => b.id - a.id).slice(0, mostOfGroup)))
    return (item) => shown.has(item) || byGroup.get(group(item))?.length === 1
  }
  const buildGroup = ({ job_id: job }: CausalBuild): string => `builds:${job}`
  const versionGroup = ({ resource_id: resource }: CausalVersion): string => `versions:${resource}`
  const buildIsSingle = single(builds, buildGroup)
  const versionIsSingle = single(versions, versionGroup)

  const groups = new Map<string, number>()
  for (const key of [...builds.filter((build) => !buildIsSingle(build)).map(buildGroup), ...versions.filter((version) => version !== root && !versionIsSingle(version)).map(versionGroup)]) groups.set(key, (groups.get(key) ?? 0) + 1)
  const nodeOfBuild = (build: CausalBuild): number => {
    const job = jobNames.get(build.job_id) ?? ''
    const group = buildGroup(build)
    return buildIsSingle(build) ? add({ key: `build:${build.id}`, kind: 'build', job, build }) : add({ key: group, kind: 'builds', of: job, count: groups.get(group) ?? 0 })
  }
  const nodeOfVersion = (version: CausalVersion): number => {
    const resource = resourceNames.get(version.resource_id) ?? ''
    const group = versionGroup(version)
    return version === root || versionIsSingle(version) ? add({ key: `version:${version.resource_id}:${version.id}`, kind: 'version', resource, version }) : add({ key: group, kind: 'versions', of: resource, count: groups.get(group) ?? 0 })
  }

  nodeOfVersion(root)
  const edges = new Map<string, Edge>()
  const connect = (from: number, to: number): void => {
    if (from !== to) edges.set(`${from}>${to}`, { from, to })
  }
  const buildById = new Map(builds.map((build) => [build.id, build]))
  // Resources of one config share their versions, and a build tells a version's id alone.
  const versionsById = Map.groupBy(versions, ({ id }) => id)
  for (const version of versions) {
    const from = nodeOfVersion(version)
    for (const id of version.build_ids ?? []) {
      const build = buildById.get(id)
      if (build !== undefined) connect(from, nodeOfBuild(build))
    }
  }
  for (const build of builds) {
    const from = nodeOfBuild(build)
    for (const id of build.resource_version_ids ?? []) for (const version of versionsById.get(id) ?? []) connect(from, nodeOfVersion(version))
  }
  return { nodes, edges: [...edges.values()] }
}
