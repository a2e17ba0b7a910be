import { SizedCache } from '../lib/sized-cache.ts'
import type { FormerBuildsRead } from '../model/former-build.ts'
import { keyedBuilds, type KeyedBuild } from './former-images.ts'

/** Of what is kept for builds that somebody looks at. */
const mostBytes = 16 * 1024 * 1024

/**
 * The builds of a job before one of them, read once for it: a page asks at each change of a build that runs. Builds that have ended stay as
 * they are; where one of them has not, they are read again.
 */
export class KeptFormerBuilds {
  readonly #read: (buildId: number) => Promise<FormerBuildsRead>
  readonly #kept: SizedCache<number, Iterable<KeyedBuild>>

  constructor(read: (buildId: number) => Promise<FormerBuildsRead>, limit = mostBytes) {
    this.#read = read
    this.#kept = new SizedCache(limit)
  }

  async before(buildId: number): Promise<Iterable<KeyedBuild>> {
    const known = this.#kept.get(buildId)
    if (known !== undefined) return known
    const { builds, settled, bytes } = await this.#read(buildId)
    const keyed = remembered(keyedBuilds(builds))
    if (settled) this.#kept.set(buildId, keyed, bytes)
    return keyed
  }
}

/** Each is made when it is first asked for: mostly the first has all steps. */
function remembered<T>(source: IterableIterator<T>): Iterable<T> {
  const made: T[] = []
  return {
    *[Symbol.iterator]() {
      for (let at = 0; ; at++) {
        if (at === made.length) {
          const next = source.next()
          if (next.done === true) return
          made.push(next.value)
        }
        yield made[at] as T
      }
    },
  }
}
