import type { Build, Step } from '../../api/types.ts'
import { ageText } from '../../parts/time.ts'
import { duration, tookOf } from '../../timeline/scale.ts'
import { forgiven } from '../../timeline/forgiven.ts'
import { hasOwnLog } from '../../timeline/tree.ts'

/** What ended a build that did not succeed. */
export interface End {
  readonly step: Step
  /** `task unit`. */
  readonly subject: string
  /** `exited 1 after 45.5 s`. */
  readonly text: string
}

export function endOf({ status }: Build, steps: readonly Step[], now: number): End | undefined {
  if (status !== 'failed' && status !== 'errored' && status !== 'aborted') return undefined
  const harmless = forgiven(steps)
  const own = steps.filter(({ id, kind, role }) => hasOwnLog(kind) && role !== 'image' && !harmless.has(id))
  const step = own.find(({ state, role }) => state === status && role !== 'hook') ?? own.find(({ state }) => state === status) ?? own.find(({ state }) => state === 'failed' || state === 'errored')
  if (step === undefined) return undefined
  return { step, subject: `${step.kind} ${step.name ?? ''}`.trim(), text: textOf(step, now) }
}

const longest = 300

function textOf(step: Step, now: number): string {
  const took = tookOf(step, now)
  const after = took === undefined ? '' : ` after ${duration(took)}`
  if (step.state === 'aborted') return `was aborted${after}`
  if (step.state === 'failed') return step.exit === undefined ? `failed${after}` : `exited ${step.exit}${after}`
  const error = step.error?.split('\n')[0] ?? ''
  return `errored${after}${error === '' ? '' : `: ${error.slice(0, longest)}`}`
}

/** How long the container of the step that ended the build stays. */
export const keptText = (endsAt: number | undefined, now: number): string => (endsAt === undefined ? 'its container is kept' : `its container is kept for ${ageText(endsAt - now)}`)
