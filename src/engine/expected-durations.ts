import type { Plan, PlanId } from '../model/plan.ts'
import { eachPlan } from '../planner/children.ts'
import { Derived } from './derived.ts'
import { stepNameOf } from '../planner/step-name.ts'
import type { BuildContext } from './build-context.ts'

/** Steps that take longer count as long: what follows them is not prepared when they begin. ms */
export const longMs = 600_000

/** How long the job's steps took in its last build, for those that count as long. */
export class ExpectedDurations {
  private readonly context: Pick<BuildContext, 'services' | 'build'>
  private readonly names: Derived<ReadonlyMap<PlanId, string>>
  private known: Promise<ReadonlyMap<string, number>> | undefined

  constructor(context: Pick<BuildContext, 'services' | 'build' | 'plan' | 'made'>) {
    this.context = context
    this.names = new Derived(context.made, () => {
      const names = new Map<PlanId, string>()
      eachPlan(context.plan, (plan) => names.set(plan.id, stepNameOf(plan)), context.made.of)
      return names
    })
  }

  /** By plan id, ms: how long a step will probably take; 0: not long, or not known. */
  async expected(): Promise<(planId: PlanId) => number> {
    const known = await this.read()
    return (planId) => known.get(this.names.value.get(planId) ?? '') ?? 0
  }

  /** A step has succeeded after so many ms. */
  async took(plan: Plan, ms: number): Promise<void> {
    const { build, services } = this.context
    const name = stepNameOf(plan)
    if (build.scope.jobId === undefined) return
    try {
      if (ms >= longMs) await services.stepDurations?.put(build.scope.jobId, name, ms, services.clock.now())
      // Asked only where the build has asked before: a short step costs no query.
      else if (this.known !== undefined && (await this.known).has(name)) await services.stepDurations?.delete(build.scope.jobId, name)
    } catch (error) {
      services.log.warn({ err: error, component: 'engine' }, 'how long a step took could not be saved')
    }
  }

  private read(): Promise<ReadonlyMap<string, number>> {
    const { build, services } = this.context
    const { jobId } = build.scope
    this.known ??= (jobId === undefined ? undefined : services.stepDurations?.ofJob(jobId))?.catch(() => none) ?? Promise.resolve(none)
    return this.known
  }
}

const none: ReadonlyMap<string, number> = new Map()
