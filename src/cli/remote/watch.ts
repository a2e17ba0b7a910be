import { watchBuild } from '../../client/events.ts'
import { enough, systemClock } from '../../lib/clock.ts'
import { colorsFor } from '../colors.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { ExitCode } from '../run/exit-code.ts'
import { EventPrinter } from '../run/print-events.ts'
import { StepLabels } from '../run/step-labels.ts'
import type { Json } from '../../model/json.ts'
import { terminal } from '../terminal.ts'
import { clientWords, type Session } from './session.ts'
import { tellWaiting } from './tell-waiting.ts'

/** Prints a build's log to its end; gives fly's exit status. Ctrl-C lets go of it, and the build goes on; with `stop` the first one stops the build, and the second lets go. */
export async function watch(session: Session, build: number, again: string, stop?: () => void): Promise<number> {
  const leaving = new AbortController()
  let stopped = false
  const leave = () => {
    if (stop === undefined || stopped) return leaving.abort(enough)
    stopped = true
    stop()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, leave)
  const exit = new ExitCode()
  let labels: StepLabels | undefined
  const printer = new EventPrinter({ colors: colorsFor(process.stdout), labelOf: (id) => labels?.of(id), write: terminal.log })
  const waiting = tellWaiting(session, build, leaving.signal)
  try {
    const events = watchBuild(session.api.connection, build, { clock: systemClock, signal: leaving.signal, onReconnect: (message) => terminal.say(`${message}; connecting again`) })
    for (;;) {
      const next = await events.next()
      waiting.over()
      if (next.done) {
        if (!next.value.ok) throw new CommandError(clientWords(next.value.error, session, `there is no build ${build}`), exitStatus.errored)
        return exit.value
      }
      const event = next.value
      // The plan is made when the build starts.
      if (event.type === 'status' && event.data.status === 'started') {
        const plan = await session.api.plan(build)
        if (plan.ok) labels = StepLabels.ofPublicPlan(plan.value.plan as Json)
      }
      if (event.type === 'across-substeps') labels?.addAcross(event)
      exit.take(event)
      printer.print(event)
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error
    terminal.say(`\nno longer watching; the build ${stopped ? 'is being aborted' : 'goes on'}. Watch it again: airside watch -t ${session.name} ${again}`)
    return exitStatus.errored
  } finally {
    waiting.over()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, leave)
  }
}
