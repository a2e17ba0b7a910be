import type { ContainerRecord, RecordSink } from '../runtime/contract.ts'
import type { BuildContext } from './build-context.ts'
import type { WrittenEvent } from './build-writer.ts'
import type { LogChunk, LogIntake } from './log-intake.ts'
import type { ContainerRow, LogPosition } from '../model/build.ts'
import type { StepIdentity } from './step-identity.ts'

/** An unfinished line is shown after this long. */
const lineFlushMs = 1000

export interface SinkOptions {
  readonly step: LoggingStep
  readonly intake: LogIntake
  readonly row: (log: LogPosition) => ContainerRow
  /** The process has started. */
  readonly onStarted: () => Promise<void>
}

type LoggingStep = Pick<StepIdentity, 'planId' | 'note'>

/** Writes a container's records as log events, together with the position that they reach, in one commit. */
export function recordSink(context: BuildContext, { step, intake, row, onStarted }: SinkOptions): { write: RecordSink; end: () => Promise<void> } {
  const { clock } = context.services
  let timer = new AbortController()
  let durable = intake.position().acked
  let ended = false

  const commit = async (chunks: readonly LogChunk[]): Promise<number> => {
    const position = intake.position()
    await context.writer.write({
      events: chunks.map((chunk) => logEvent(step.planId, chunk, clock.now())),
      containers: [row(position)],
    })
    durable = position.acked
    return durable
  }

  const flushLater = () => {
    const mine = timer
    clock.sleep(lineFlushMs, mine.signal).then(
      () => (mine === timer ? commit(intake.take('all')) : undefined),
      () => undefined, // more output came first
    ).catch(() => undefined) // the next write fails with the same error
  }

  return {
    write: async (records) => {
      // The container was removed as overdue: its records are dropped.
      if (ended) return durable
      timer.abort()
      timer = new AbortController()
      for (const record of records) take(record, step, intake)
      if (records.some((record) => record.kind === 'event' && record.event.event === 'started')) await onStarted()
      const chunks = intake.take('lines')
      // A position without output is not worth a commit.
      const acked = chunks.length > 0 ? await commit(chunks) : durable
      if (intake.holds) flushLater()
      return acked
    },
    end: async () => {
      ended = true
      timer.abort()
      timer = new AbortController()
      const rest = intake.take('end')
      if (rest.length > 0) await commit(rest)
    },
  }
}

function take(record: ContainerRecord, step: LoggingStep, intake: LogIntake): void {
  switch (record.kind) {
    case 'stdout':
    case 'stderr':
      intake.add(record.seq, record.kind, record.data)
      return
    case 'event':
      intake.add(record.seq)
      note(record.event, step)
  }
}

function note(event: (ContainerRecord & { kind: 'event' })['event'], step: LoggingStep): void {
  switch (event.event) {
    case 'spool-full':
      return step.note('the log spool in the container is full: the process waits until the server has taken its output')
    case 'terminating':
      return step.note('PID 1 of this container got a TERM: its node takes it away, or a process in it sent the signal')
    case 'notice':
      return step.note(event.text)
    case 'spool-drained':
    case 'started':
    case 'fetched':
    case 'stored':
      return
  }
}

function logEvent(planId: string, chunk: LogChunk, now: number): WrittenEvent {
  const data = { time: Math.floor(now / 1000), origin: { id: planId, source: chunk.stream }, payload: chunk.text }
  return { event: { type: 'log', data }, redacted: true }
}
