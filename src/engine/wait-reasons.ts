import { enough } from '../lib/clock.ts'
import type { WaitReason } from '../runtime/contract.ts'
import type { BuildContext } from './build-context.ts'
import { lacksCapacity, type Released } from './capacity.ts'
import type { StepIdentity } from './step-identity.ts'

/** Until the scheduler has tried again with what was released, and says so, ms. */
const releaseEveryMs = 5_000

export interface WaitReasons {
  readonly onReason: (reason: WaitReason) => void
  /** The container is ready, or is not waited for any more. */
  readonly over: () => void
}

/** Logs why a step's container waits, once per reason (the progress of a pull is for the terminal only), and frees capacity where it lacks some. */
export function waitReasons(context: BuildContext, step: StepIdentity, stepName: string): WaitReasons {
  const over = new AbortController()
  let last = ''
  let unschedulable: WaitReason | undefined
  let freeing = false

  async function release(reason: WaitReason): Promise<Released['kind']> {
    context.cleanup.hurry()
    const released = await context.capacity.release(reason)
    if (released.kind === 'released' && released.line !== undefined) step.note(released.line)
    return released.kind
  }
  /** The reason of a pod that no node takes is not told again when a little was released, and it was not enough. */
  async function releaseUntilTaken(): Promise<void> {
    if (freeing) return
    freeing = true
    try {
      while (unschedulable !== undefined && !over.signal.aborted) {
        if ((await release(unschedulable)) === 'nothing') break
        await context.services.clock.sleep(releaseEveryMs, over.signal).catch(() => undefined)
      }
    } finally {
      freeing = false
    }
  }

  return {
    over: () => over.abort(enough),
    onReason(reason) {
      unschedulable = reason.kind === 'unschedulable' ? reason : undefined
      if (lacksCapacity(reason)) {
        const freed = unschedulable === undefined ? release(reason) : releaseUntilTaken()
        freed.catch((error: unknown) => context.services.log.warn({ err: error, component: 'engine' }, 'freeing capacity for a step failed'))
      }
      context.services.observer?.waiting?.(step.planId, stepName, reason)
      const line = reason.kind === 'starting' ? '' : reason.message
      if (line === '' || line === last) return
      last = line
      step.note(line, 'wait')
    },
  }
}
