import { createHash } from 'node:crypto'
import { matchingFiles } from '../artifacts/matching-files.ts'
import type { ArtifactStore } from '../artifacts/store.ts'
import { messageOf } from '../lib/errors.ts'
import { KeptMap } from '../lib/kept-map.ts'
import type { ArtifactRef } from '../model/artifact.ts'
import type { PlanId } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { TestReports } from '../model/test-report.ts'
import { parseInThread } from './parse-in-thread.ts'
import type { ReportFile } from './parse-reports.ts'
import { Sentences } from './sentences.ts'

/** A task's output, in the plan's order. */
export interface SearchedOutput {
  readonly plan: PlanId
  readonly name: string
  readonly artifact: ArtifactRef
}

export interface SearchBounds {
  /** Of a build's outputs together, which are read to their end. */
  readonly archiveBytes: number
  readonly files: number
  /** Of a build's reports together. */
  readonly reportBytes: number
}

export const searchBounds: SearchBounds = { archiveBytes: 2 * 1024 ** 3, files: 5_000, reportBytes: 20 * 1024 * 1024 }
const keptBuilds = 4

interface Search {
  readonly reports: TestReports
  /** The store or the thread failed: what was not read may be there. */
  readonly failed: boolean
}
const mostWaiting = 32

/** `junit*.xml` and `TEST-*.xml`, in any folder. */
export const isReport = (path: string): boolean => /(?:^|\/)(?:junit|TEST-)[^/]*\.xml$/.test(path)

/** Finds and reads the test reports in the outputs of builds. What was read of the last few builds is kept. */
export class TestReportReader {
  readonly #store: Pick<ArtifactStore, 'open'>
  readonly #bounds: SearchBounds
  readonly #kept = new KeptMap<string, Promise<Search>>(keptBuilds)
  /** One build is read after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(store: Pick<ArtifactStore, 'open'>, bounds: SearchBounds = searchBounds) {
    this.#store = store
    this.#bounds = bounds
  }

  /** `secrets`: of the build, which no text of a report shows. An error is a sentence: too many wait. */
  async read(outputs: readonly SearchedOutput[], secrets: readonly string[]): Promise<Result<TestReports, string>> {
    // With the secrets: another build of the same outputs may hide others.
    const key = createHash('sha256').update(JSON.stringify([outputs.map(({ plan, name, artifact }) => [plan, name, artifact.digest]), secrets])).digest('hex')
    const known = this.#kept.get(key)
    if (known !== undefined) return ok((await known).reports)
    if (this.#waiting >= mostWaiting) return fail('the reports of many other builds are being read; ask again in a moment')
    this.#waiting += 1
    const read = this.#turn.then(() => this.#search(outputs, secrets)).finally(() => (this.#waiting -= 1))
    this.#turn = read
    this.#kept.set(key, read)
    const { reports, failed } = await read
    // The store may answer the next time.
    if (failed && this.#kept.get(key) === read) this.#kept.delete(key)
    return ok(reports)
  }

  async #search(outputs: readonly SearchedOutput[], secrets: readonly string[]): Promise<Search> {
    const files: ReportFile[] = []
    const leftOut = new Sentences()
    const left = { ...this.#bounds }
    let failed = false
    for (const { plan, name, artifact } of outputs) {
      left.archiveBytes -= artifact.size
      if (left.archiveBytes < 0) {
        left.archiveBytes += artifact.size
        leftOut.add(`${name}: it is not searched, since it has ${artifact.size} bytes: of a build at most ${this.#bounds.archiveBytes} are`)
        continue
      }
      try {
        const opened = await this.#store.open(artifact.digest)
        if (opened === undefined) {
          leftOut.add(`${name}: it is no longer kept`)
          continue
        }
        const take = (size: number): boolean => left.files > 0 && size <= left.reportBytes
        for await (const { path, size, content } of matchingFiles(opened.stream, isReport, take)) {
          const file = `${name}/${path}`
          if (content !== undefined) {
            left.files -= 1
            left.reportBytes -= size
            files.push({ plan, file, bytes: content })
          } else leftOut.add(`${file}: it is not read: of a build's reports at most ${this.#bounds.files} are, with ${this.#bounds.reportBytes} bytes together`)
        }
      } catch (error) {
        failed = true
        leftOut.add(`${name}: it cannot be read: ${messageOf(error)}`)
      }
    }
    if (files.length === 0) return { reports: { counts: none, suites: [], leftOut: leftOut.list() }, failed }
    try {
      const read = await parseInThread({ files, secrets })
      return { reports: { ...read, leftOut: [...leftOut.list(), ...read.leftOut] }, failed }
    } catch (error) {
      leftOut.add(`${files.length} reports cannot be parsed: ${messageOf(error)}`)
      return { reports: { counts: none, suites: [], leftOut: leftOut.list() }, failed: true }
    }
  }
}

const none = { passed: 0, failed: 0, errored: 0, skipped: 0 }
