import { createHash } from 'node:crypto'
import { KeptMap } from '../lib/kept-map.ts'
import type { Version } from '../model/version.ts'

/** Scopes that are remembered. */
const most = 100_000

interface KnownScope {
  readonly id: number
  readonly latest?: Version
  /** What the last check found. */
  readonly found: string
}

/**
 * What checks of this server found last, so that one that finds the same again asks the database nothing. It may be out of date, as when a put has made
 * a version since: then a check from the older latest finds more than before, and that is looked up.
 */
export class KnownScopes {
  readonly #scopes = new KeptMap<string, KnownScope>(most)

  /** `pointer`: the scope that the resource points to. One that points to another has to enter it first. */
  find(key: string, pointer: number | undefined): KnownScope | undefined {
    const known = this.#scopes.get(key)
    return known !== undefined && known.id === pointer ? known : undefined
  }

  /** Nothing has changed since the last check that began with the same version. */
  same(key: string, from: Version | undefined, found: readonly Version[]): boolean {
    const known = this.#scopes.get(key)
    return known !== undefined && known.found === textOf(from, found)
  }

  set(key: string, id: number, from: Version | undefined, { found, latest }: { readonly found: readonly Version[]; readonly latest: Version | undefined }): void {
    this.#scopes.set(key, { id, found: textOf(from, found), ...(latest && { latest }) })
  }

  forget(key: string): void {
    this.#scopes.delete(key)
  }

  forgetAll(): void {
    this.#scopes.clear()
  }
}

/** Short, whatever was found. */
function textOf(from: Version | undefined, found: readonly Version[]): string {
  const text = JSON.stringify([from ?? null, found])
  return text.length <= 256 ? text : createHash('sha256').update(text).digest('base64')
}
