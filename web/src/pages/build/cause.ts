import type { Build } from '../../api/types.ts'

/** GET /api/v1/builds/ID/resources. */
export interface BuildResources {
  readonly inputs: readonly { readonly name: string; readonly version: Readonly<Record<string, string>>; readonly first_occurrence: boolean }[]
  readonly outputs: readonly { readonly name: string; readonly version: Readonly<Record<string, string>> }[]
}

export type Cause =
  | { readonly kind: 'person'; readonly name: string }
  | { readonly kind: 'rerun'; readonly of: string }
  | { readonly kind: 'version'; readonly resource: string; readonly version: string; readonly more: number }
  | { readonly kind: 'unknown' }

/** Why there is this build. */
export function causeOf({ created_by: person, rerun_of: rerun }: Build, resources: BuildResources | undefined): Cause {
  if (rerun !== undefined) return { kind: 'rerun', of: rerun.name ?? String(rerun.id) }
  if (person !== undefined) return { kind: 'person', name: person }
  const news = resources?.inputs.filter(({ first_occurrence: isNew }) => isNew) ?? []
  const [first] = news
  return first === undefined ? { kind: 'unknown' } : { kind: 'version', resource: first.name, version: shortVersion(first.version), more: news.length - 1 }
}

const longest = 40

/** The value that tells most of a version: `ref`, `digest` or the first; hashes are cut as git cuts them. */
export function shortVersion(version: Readonly<Record<string, string>>): string {
  const value = version['ref'] ?? version['digest'] ?? Object.values(version)[0] ?? ''
  const hash = /^(?:sha256:)?([0-9a-f]{40,64})$/.exec(value)?.[1]
  if (hash !== undefined) return hash.slice(0, 7)
  return value.length > longest ? `${value.slice(0, longest - 1)}…` : value
}
