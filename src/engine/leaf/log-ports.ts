import type { BuildContext } from '../build-context.ts'
import { digestOf } from '../content-digest.ts'
import type { Note } from '../step-identity.ts'
import type { AllPorts } from './leaf-step.ts'

/** What a step says: events, and lines of Airside's own. */
export function logPorts({ services, writer, redactor, build }: BuildContext, planId: string): Pick<AllPorts, 'planId' | 'build' | 'time' | 'emit'> & { readonly note: Note } {
  const key = (name: string) => `${planId}:${name}`
  const time = () => Math.floor(services.clock.now() / 1000)
  // A note's key is its text and how often it came, so that a step run over after a restart says nothing twice. The pages find by it what a step waits for (db/step-events.ts).
  const notes = new Map<string, number>()
  return {
    planId,
    build,
    time,
    note(line, kind = 'note') {
      const payload = redactor.redact(line.endsWith('\n') ? line : `${line}\n`)
      const count = (notes.get(payload) ?? 0) + 1
      notes.set(payload, count)
      writer.emit({ type: 'log', data: { time: time(), origin: { id: planId, source: 'stderr' }, payload } }, key(`${kind}:${count}:${digestOf(payload)}`))
    },
    emit: (event, name) => writer.emit(event, key(name)),
  }
}
