import type { Redactor } from '../lib/redactor.ts'
import type { JsonObject } from '../model/json.ts'
import type { PlanId } from '../model/plan.ts'
import { readRecord } from './step-record.ts'

/**
 * Secrets that a build has learnt, for the records of its steps, where they are stored encrypted. After a restart they are read and not
 * looked up, since a credential manager may give other values by then, and a process that goes on still prints the old ones.
 */
export class LearntSecrets {
  readonly #redactor: Redactor
  readonly #byPlan = new Map<PlanId, readonly string[]>()

  /** What the redactor knows already is stored with the build. */
  constructor(redactor: Redactor) {
    this.#redactor = redactor
    redactor.takeNew()
  }

  /** Has the redactor hide what earlier runs of the build learnt. */
  restore(steps: ReadonlyMap<PlanId, JsonObject>): void {
    for (const [planId, json] of steps) {
      const record = readRecord(json)
      if (record?.phase !== 'assigned' && record?.phase !== 'finished') continue
      this.#byPlan.set(planId, record.secrets ?? [])
      this.#redactor.add(record.secrets ?? [])
    }
    this.#redactor.takeNew()
  }

  /** For a record of the step: what its records held before, and what no record of the build holds yet. */
  forRecord(planId: PlanId): readonly string[] {
    const all = [...(this.#byPlan.get(planId) ?? []), ...this.#redactor.takeNew()]
    this.#byPlan.set(planId, all)
    return all
  }
}
