import { enough, type Clock } from '../lib/clock.ts'
import type { PlanId } from '../model/plan.ts'

/** What is to be done later, once for each plan id. */
export class Later {
  private readonly clock: Clock
  private readonly planned = new Map<PlanId, { readonly at: number; readonly cancel: AbortController }>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Does it at `at` (unix ms), unless it is planned for an earlier time. */
  plan(planId: PlanId, at: number, work: () => void): void {
    const planned = this.planned.get(planId)
    if (planned !== undefined && planned.at <= at) return
    this.cancel(planId)
    const cancel = new AbortController()
    this.planned.set(planId, { at, cancel })
    this.clock.sleep(at - this.clock.now(), cancel.signal).then(
      () => {
        this.planned.delete(planId)
        work()
      },
      () => undefined, // cancelled
    )
  }

  cancel(planId: PlanId): void {
    this.planned.get(planId)?.cancel.abort(enough)
    this.planned.delete(planId)
  }

  cancelAll(): void {
    for (const planId of this.planned.keys()) this.cancel(planId)
  }
}
