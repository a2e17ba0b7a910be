import type { Constraint } from './semver-constraint.ts'
import { compareSemVer, parseSemVer, type SemVer } from './semver.ts'

/** How tags are chosen when a source names none. */
export interface TagRules {
  readonly variant?: string
  readonly preReleases: boolean
  readonly preReleasePrefixes: readonly string[]
  readonly constraint?: Constraint
}

/** A tag that is a version, or the bare tag: `latest`, or the variant's name. */
export interface Candidate {
  readonly tag: string
  readonly version?: SemVer
}

export interface TagVersion {
  readonly tag: string
  readonly digest: string
}

/** The tags that may be versions, in the order given. */
export function candidatesOf(tags: readonly string[], rules: TagRules): Candidate[] {
  const bare = rules.variant ?? 'latest'
  return tags.flatMap((tag): Candidate[] => {
    if (tag === bare) return [{ tag }]
    const suffix = rules.variant === undefined ? '' : `-${rules.variant}`
    if (!tag.endsWith(suffix)) return []
    const version = parseSemVer(tag.slice(0, tag.length - suffix.length))
    if (version === undefined || rules.constraint?.(version) === false || !isMeant(version.pre, rules)) return []
    return [{ tag, version }]
  })
}

/** A suffix is mostly a variant (`1.2.3-alpine`): only those with a known prefix are pre-releases. */
function isMeant(pre: string, { preReleases, preReleasePrefixes }: TagRules): boolean {
  if (pre === '') return true
  if (!preReleases) return false
  if (preReleasePrefixes.length === 0 && pre.includes('-')) return false
  return ['alpha', 'beta', 'rc', ...preReleasePrefixes].some((prefix) => pre.startsWith(prefix))
}

/**
 * The versions of a repository, oldest first: each digest once, under the tag that says most (final before pre-release,
 * `3.2.1` before `3.2`, else the one that the registry lists first, and no other tag counts for it then); at the end the bare tag, unless one of the versions is the same image or there is a constraint.
 */
export function orderVersions(found: readonly (Candidate & { readonly digest: string })[], rules: TagRules): TagVersion[] {
  const best = new Map<string, { tag: string; version: SemVer }>()
  for (const { tag, version, digest } of found) {
    if (version === undefined) continue
    const known = best.get(digest)
    if (known === undefined || saysMore(version, known.version)) best.set(digest, { tag, version })
  }
  const versions = [...best]
    .toSorted(([, a], [, b]) => compareSemVer(a.version, b.version) || dots(a.version) - dots(b.version))
    .map(([digest, { tag }]) => ({ tag, digest }))
  const bare = found.find(({ version }) => version === undefined)
  if (bare !== undefined && rules.constraint === undefined && !best.has(bare.digest)) versions.push({ tag: bare.tag, digest: bare.digest })
  return versions
}

function saysMore(version: SemVer, known: SemVer): boolean {
  if (known.pre === '' && version.pre !== '') return false
  if (known.pre !== '' && version.pre === '') return true
  return dots(version) > dots(known)
}

const dots = ({ original }: SemVer): number => original.split('.').length
