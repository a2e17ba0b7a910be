import { expect, test } from 'vitest'
import type { BuildContext } from './build-context.ts'
import { LogIntake } from './log-intake.ts'
import { recordSink } from './record-sink.ts'
import { fakeClock } from '../lib/clock.ts'

test('a TERM to PID 1 is told without naming a sender, which is not known', async () => {
  const notes: string[] = []
  const context = { services: { clock: fakeClock() } } as unknown as BuildContext
  const intake = new LogIntake({} as ConstructorParameters<typeof LogIntake>[0], { acked: 0 })
  const step = { planId: '1', note: (line: string) => void notes.push(line) }
  const sink = recordSink(context, { step, intake, row: (log) => ({ handle: 'h', planId: '1', state: 'assigned', guess: false, log }), onStarted: () => Promise.resolve() })
  await sink.write([{ seq: 1, time: 0, kind: 'event', event: { event: 'terminating' } }])
  expect(notes).toEqual(['PID 1 of this container got a TERM: its node takes it away, or a process in it sent the signal'])
})
