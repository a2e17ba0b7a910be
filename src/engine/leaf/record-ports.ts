import type { BuildOutput } from '../../model/build.ts'
import { ok } from '../../model/result.ts'
import type { PlanNode } from '../../model/plan.ts'
import type { FinishedStep, KeyedEvent } from '../../steps/ports.ts'
import type { ContainerEnd } from '../carry-out.ts'
import type { ExpectedDurations } from '../expected-durations.ts'
import type { PrepareAhead } from '../prepare-ahead.ts'
import { relearnSecrets } from '../relearn.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { finishedRecord } from '../step-record.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** What is kept of a step: read before it begins, written when it ends. */
export function recordPorts(step: LeafStep, ahead: PrepareAhead, durations: ExpectedDurations): Pick<AllPorts, 'recall' | 'conclude'> {
  const { context, plan, record, reporter, note } = step
  const { services, writer } = context
  return {
    async recall(state, signal) {
      if (record === undefined) {
        reporter.turn()
        return undefined
      }
      // An abort does not wait for them: those that the work was given are in the record.
      await unlessAborted(relearnSecrets(context, plan, state).then(() => ok(undefined)), signal)
      if (record.phase === 'finished' && record.report.reusedFrom !== undefined) note(`not run again: it is taken as it ended in build #${record.report.reusedFrom}`)
      return record.phase === 'finished' ? record.finished : undefined
    },
    async conclude(finished, events) {
      const { container, begunAt } = step
      const succeeded = finished.outcome.kind === 'succeeded'
      if (begunAt !== undefined && succeeded) await durations.took(plan, services.clock.now() - begunAt)
      const keep = !succeeded && container?.there === true ? services.options.keep : undefined
      if (keep?.advice !== undefined && container !== undefined) note(keep.advice({ handle: container.handle, stepName: container.stepName, buildId: context.build.id }))
      const keptSeconds = keep && (context.build.job === undefined ? keep.oneOffSeconds : keep.seconds)
      // Whatever follows from it, on any server, is committed behind it: nobody waits here, but for the container's removal.
      const durable = writer.write({
        events: events.map(({ event, key }) => ({ event, key: `${plan.id}:${key}` })),
        steps: [{ planId: plan.id, record: finishedRecord(finished, reporter.over(keptSeconds !== undefined ? services.clock.now() + keptSeconds * 1_000 : undefined)), secrets: context.learnt.forRecord(plan.id) }],
        ...(container && { containers: [container.row(keptSeconds !== undefined)] }),
        ...(plan.kind === 'put' && { outputs: outputsOf(plan, finished, events) }),
      })
      // Only where it has gone well the next check is done in the same container.
      const share = plan.kind === 'check' && succeeded
      const end: ContainerEnd = keptSeconds !== undefined ? { kind: 'keep', seconds: keptSeconds } : { kind: share ? 'share' : 'remove' }
      const released = durable.then(
        () => container?.release(end),
        () => undefined, // the next write says why; its container is left to whoever goes on
      )
      ahead.forget(plan.id)
      // But for a check: the next one may want its container.
      if (share && container !== undefined) await released
    },
  }
}

/** What a put made. Its metadata stands in its last event. */
function outputsOf({ id, put: { name, resource } }: PlanNode<'put'>, { version }: FinishedStep, events: readonly KeyedEvent[]): BuildOutput[] {
  if (version === undefined || resource === undefined) return []
  const end = events.find(({ event }) => event.type === 'finish-put')?.event
  const metadata = end?.type === 'finish-put' ? end.data.metadata : undefined
  return [{ planId: id, name, resource, version, ...(metadata && { metadata }) }]
}
