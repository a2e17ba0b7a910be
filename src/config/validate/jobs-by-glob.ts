import type { JobConfig } from '../../model/config.ts'
import type { GlobDialect } from '../glob-class.ts'
import { isGlob, matchGlob } from '../glob.ts'

/** All globs of a file may look at this many names. */
const mostMatches = 1_000_000

/** Finds jobs by name or glob; each glob is matched once. */
export class JobsByGlob {
  readonly #byName = new Map<string, JobConfig>()
  readonly #jobs: readonly JobConfig[]
  readonly #known = new Map<string, readonly JobConfig[] | undefined>()
  #matches = 0

  constructor(jobs: readonly JobConfig[]) {
    this.#jobs = jobs
    for (const job of jobs) if (!this.#byName.has(job.name)) this.#byName.set(job.name, job)
  }

  get names(): Iterable<string> {
    return this.#byName.keys()
  }

  /** Undefined for a malformed glob, or when too many were asked for. */
  find(pattern: string, dialect: GlobDialect): readonly JobConfig[] | undefined {
    const exact = this.#byName.get(pattern)
    if (exact !== undefined) return [exact]
    if (!isGlob(pattern)) return []
    const key = `${dialect} ${pattern}`
    if (this.#known.has(key)) return this.#known.get(key)
    const found = this.#match(pattern, dialect)
    this.#known.set(key, found)
    return found
  }

  #match(pattern: string, dialect: GlobDialect): readonly JobConfig[] | undefined {
    this.#matches += this.#jobs.length * Math.max(1, pattern.length)
    if (this.#matches > mostMatches) return undefined
    const found: JobConfig[] = []
    for (const job of this.#jobs) {
      const matched = matchGlob(pattern, job.name, dialect)
      if (matched === undefined) return undefined
      if (matched) found.push(job)
    }
    return found
  }
}
