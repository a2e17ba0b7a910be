import { hasRole } from '../../auth/roles.ts'
import type { FinalStatus } from '../../model/event.ts'
import { eachPlan } from '../../planner/children.ts'
import { stepName } from '../../planner/step-name.ts'
import { jsonOf, text } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { jobStatsSchema } from '../web-schemas.ts'

const mostBuilds = 200
const usualBuilds = 100
/** Plans are decrypted and read for it: so many at a time. */
const atOnce = 8
const ended: readonly FinalStatus[] = ['succeeded', 'failed', 'errored', 'aborted']

/** How long a job's last builds took, and their steps; the latter for whoever may see the builds' plans. */
export const jobStats: Handler<'pipeline' | 'job'> = async (services, { principal, query }, { pipeline, job }) => {
  const last = query.get('last') ?? String(usualBuilds)
  if (!/^[1-9]\d{0,2}$/.test(last) || Number(last) > mostBuilds) return text(400, `last must be a number from 1 to ${mostBuilds}`)
  const builds = (await services.lists.page({ kind: 'job', jobId: job.id }, { limit: Number(last), statuses: ended })).builds.toReversed()
  const withSteps = job.public || hasRole(principal, pipeline.team, 'viewer')
  const durations: ReadonlyMap<string, number>[] = []
  for (let at = 0; withSteps && at < builds.length; at += atOnce) durations.push(...(await Promise.all(builds.slice(at, at + atOnce).map(({ id }) => durationsOf(services, id)))))
  const names = [...new Set(durations.flatMap((steps) => [...steps.keys()]))]
  return jsonOf(jobStatsSchema, {
    builds: builds.map(({ id, name, status, startedAt, endedAt }) => ({ id, name, status, ...(startedAt !== undefined && { start: startedAt }), ...(endedAt !== undefined && { end: endedAt }) })),
    steps: names.map((name) => ({ name, ms: durations.map((steps) => steps.get(name) ?? null) })),
  })
}

/** By the steps' kinds and names; attempts and steps of one name are added up. */
async function durationsOf({ recordedSteps }: Pick<ApiServices, 'recordedSteps'>, buildId: number): Promise<ReadonlyMap<string, number>> {
  const durations = new Map<string, number>()
  const recorded = await recordedSteps(buildId)
  if (recorded === undefined) return durations
  eachPlan(
    recorded.plan,
    (plan) => {
      const label = stepName(plan)
      const { start, turn, end } = recorded.steps.get(plan.id)?.report.times ?? {}
      const began = start ?? turn
      if (label === undefined || began === undefined || end === undefined) return
      const name = `${label.kind} ${label.name}`
      durations.set(name, (durations.get(name) ?? 0) + Math.max(0, end - began))
    },
    recorded.made,
  )
  return durations
}
