import type { StepDurationStore } from '../../engine/ports.ts'
import type { SharedIndex } from './shared-index.ts'
import type { JobName } from './shared-jobs.ts'

/** How long steps of a job took in its last build, where that was long, whichever process of the data folder ran it. */
export class SharedStepDurations implements StepDurationStore {
  readonly #index: SharedIndex
  readonly #nameOf: JobName

  constructor(index: SharedIndex, nameOf: JobName) {
    this.#index = index
    this.#nameOf = nameOf
  }

  /** By step, ms. */
  async ofJob(jobId: number): Promise<ReadonlyMap<string, number>> {
    const rows = this.#index.prepare('select step, ms from step_durations where job = ?').all(await this.#nameOf(jobId))
    return new Map(rows.map(({ step, ms }) => [String(step), Number(ms)]))
  }

  async put(jobId: number, step: string, ms: number): Promise<void> {
    this.#index.prepare('insert or replace into step_durations (job, step, ms) values (?, ?, ?)').run(await this.#nameOf(jobId), step, Math.round(ms))
  }

  async delete(jobId: number, step: string): Promise<void> {
    this.#index.prepare('delete from step_durations where job = ? and step = ?').run(await this.#nameOf(jobId), step)
  }
}
