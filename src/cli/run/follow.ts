import type { App } from '../../app/open-app.ts'
import type { BuildEvent } from '../../model/event.ts'
import type { Colors } from '../colors.ts'
import type { CreatedBuild } from '../../builds/ports.ts'
import { ExitCode } from './exit-code.ts'
import { EventPrinter } from './print-events.ts'
import { StepLabels } from './step-labels.ts'
import type { StatusLine } from './status-line.ts'

export interface FollowOptions {
  readonly app: App
  readonly build: CreatedBuild
  readonly colors: Colors
  readonly status: StatusLine
  readonly write: (text: string) => void
  readonly signal: AbortSignal
  /** The line that says that the build succeeded is not shown. */
  readonly hideSuccess?: boolean
}

/** Prints a build's log from its first event to its last; gives fly's exit status. */
export async function follow(options: FollowOptions): Promise<number> {
  const { app, build: { buildId, plan }, colors, status, signal, hideSuccess = false } = options
  const labels = StepLabels.ofPlan(plan)
  const labelOf = labels.of
  const exit = new ExitCode()
  const printer = new EventPrinter({
    colors,
    labelOf,
    write: (text) => {
      status.clear()
      options.write(text)
    },
  })
  for await (const batch of app.stores.events.stream(buildId, { signal })) {
    for (const stored of batch) {
      const event = { type: stored.type, data: JSON.parse(stored.payload) as unknown } as BuildEvent
      exit.take(event)
      if (event.type === 'across-substeps') labels.addAcross(event)
      if (!(hideSuccess && event.type === 'status' && event.data.status === 'succeeded')) printer.print(event)
      tellState(event, status, (planId) => labelOf(planId)?.name ?? '')
    }
  }
  return exit.value
}

function tellState(event: BuildEvent, status: StatusLine, nameOf: (planId: string) => string): void {
  switch (event.type) {
    case 'initialize-task':
    case 'initialize-get':
    case 'initialize-put':
    case 'initialize-check':
      return status.now(nameOf(event.data.origin.id), 'preparing')
    case 'start-task':
    case 'start-get':
    case 'start-put':
    case 'start':
      return status.now(nameOf(event.data.origin.id), 'running')
    default:
      return
  }
}
