import { atMost } from '../lib/at-most.ts'
import { messageOf } from '../lib/errors.ts'
import { defaultGraceMs, type Assignment } from '../model/container.ts'
import type { BuildContext } from './build-context.ts'
import { resultPatienceMs, type Overdue } from './result-deadline.ts'

/** How long a step waits for the removal of a container whose result did not come, ms. The removal continues in the background. */
export const removalPatienceMs = 30_000

export interface OverdueContainer {
  readonly handle: string
  readonly why: Overdue
  readonly assignment: Pick<Assignment, 'timeoutMs' | 'graceMs'>
  /** A line for the step's log. */
  readonly note: (line: string) => void
}

/** Removes the container of work whose result did not come in time, and says so in the step's log. Never rejects. */
export async function removeOverdue(
  { services, cleanup }: BuildContext,
  { handle, why, assignment, note }: OverdueContainer,
): Promise<void> {
  const { timeoutMs = 0, graceMs = defaultGraceMs } = assignment
  const { runtime, clock, checkContainers } = services
  checkContainers?.forget(handle)
  let removed = false
  const removal = runtime.remove(handle).then(() => {
    removed = true
  })
  cleanup.add(`container ${handle}`, () => removal)
  let problem = `it is not gone after ${seconds(removalPatienceMs)}`
  await atMost(clock, removalPatienceMs, removal).catch((error: unknown) => {
    problem = messageOf(error)
  })
  const end = why === 'aborted' ? 'the abort' : `the time limit of ${seconds(timeoutMs)}`
  const late = `no result came within ${seconds(resultPatienceMs)} after ${end} and its grace of ${seconds(graceMs)}`
  note(removed ? `${late}: the container was removed` : `${late}, and the container could not be removed (${problem}): its process may still run`)
}

const seconds = (ms: number): string => `${ms / 1000} s`
