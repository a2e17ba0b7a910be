import type { CheckToBegin, CheckTurn, VersionStore } from '../../engine/ports.ts'
import type { Version } from '../../model/version.ts'
import { canonicalJson, hashOf } from '../version-json.ts'
import type { SharedIndex } from './shared-index.ts'

/** Versions that checks found, in the scope of a resource config, in whichever process of the data folder. */
export class SharedVersions implements VersionStore {
  readonly #index: SharedIndex

  constructor(index: SharedIndex) {
    this.#index = index
  }

  /**
   * Oldest first, as a check prints them. As in Concourse: when one of them is new, all of them are put behind what is known,
   * in this order, so that the last becomes the latest; when none is, nothing moves.
   */
  async save(scope: string, versions: readonly Version[]): Promise<void> {
    const given = versions.map(canonicalJson).map((text) => ({ text, hash: hashOf(text) }))
    const hashes = JSON.stringify(given.map(({ hash }) => hash))
    const known = (): boolean =>
      this.#index.prepare('select 1 from json_each(?) as given where not exists (select 1 from versions where scope = ? and hash = given.value) limit 1').get(hashes, scope) === undefined
    // Nearly every check finds what is known: no transaction, no lock.
    if (known()) return
    this.#index.write(() => {
      if (known()) return
      const top = Number(this.#index.prepare('select coalesce(max(check_order), 0) as top from versions where scope = ?').get(scope)?.['top'])
      // A version that is printed twice is at its last place.
      const put = this.#index.prepare(
        'insert into versions (scope, hash, version, check_order) values (?, ?, ?, ?) on conflict (scope, hash) do update set check_order = excluded.check_order',
      )
      for (const [place, { text, hash }] of given.entries()) put.run(scope, hash, text, top + place + 1)
    })
  }

  /** A run checks what it needs when it needs it: no other check answers. */
  async begin({ scope, from }: CheckToBegin): Promise<CheckTurn> {
    const start = from ?? (await this.latest(scope))
    return { kind: 'run', ...(start && { from: start }), end: async (result) => (result.kind === 'found' ? this.save(scope, result.versions) : undefined) }
  }

  /** There are no resources here. */
  enter(): Promise<void> {
    return Promise.resolve()
  }

  /** Nobody looks at versions here. */
  saveMetadata(): Promise<void> {
    return Promise.resolve()
  }

  async latest(scope: string): Promise<Version | undefined> {
    const row = this.#index.prepare('select version from versions where scope = ? order by check_order desc limit 1').get(scope)
    return row && (JSON.parse(String(row['version'])) as Version)
  }
}
