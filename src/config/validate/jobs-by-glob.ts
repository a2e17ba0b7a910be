import type { JobConfig } from '../../model/config.ts'
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

  /** As `find`, for `passed`, where Concourse knows no `{a,b}`. */
  findPassed(pattern: string): readonly JobConfig[] | undefined {
    return this.#byName.has(pattern) ? this.find(pattern) : this.find(pattern.replace(/\\.|[{}]/gs, (found) => (found.length > 1 ? found : `\\${found}`)))
  }

  /** Undefined for a malformed glob, or when too many were asked for. */
  find(pattern: string): readonly JobConfig[] | undefined {
    const exact = this.#byName.get(pattern)
    if (exact !== undefined) return [exact]
    if (!isGlob(pattern)) return []
    if (this.#known.has(pattern)) return this.#known.get(pattern)
    const found = this.#match(pattern)
    this.#known.set(pattern, found)
    return found
  }

  #match(pattern: string): readonly JobConfig[] | undefined {
    this.#matches += this.#jobs.length * Math.max(1, pattern.length)
    if (this.#matches > mostMatches) return undefined
    const found: JobConfig[] = []
    for (const job of this.#jobs) {
      const matched = matchGlob(pattern, job.name)
      if (matched === undefined) return undefined
      if (matched) found.push(job)
    }
    return found
  }
}
