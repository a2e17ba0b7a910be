import { randomUUID } from 'node:crypto'
import { enough, type Clock } from '../lib/clock.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type {
  Assignment, AssignmentResult, ContainerLost, ContainerRecord, InterceptedProcess, Interception, InterceptOptions, ProcessOutcome, RecordSink,
} from '../runtime/contract.ts'
import type { Message } from './frames.ts'

/** Prefix of session ids, by which a server recognises sessions of its predecessor, whose users are disconnected. */
export const sessionPrefix = 'intercept-'

const pieceBytes = 64 * 1024
/** How long a session's output may go unread: records of one container come in order, so it would hold back the step's log. */
const patienceMs = 10_000
/** Between a hangup and KILL. */
const graceMs = 1_000

/** The session with a container's supervisor, as far as a process beside the step needs it. */
export interface InteractiveSession {
  run(work: Work): Promise<Result<AssignmentResult, ContainerLost>>
  /** Sends a message; dropped when there is no channel. */
  tell(message: Message): void
  /** Resolves when the supervisor takes more. */
  drained(): Promise<void>
}

export interface Work {
  readonly assignment: Assignment
  readonly sink: RecordSink
  readonly signal: AbortSignal
  /** Resolves when the container is lost. */
  readonly lost: Promise<ContainerLost>
  /** A process beside the main assignment. */
  readonly interactive: boolean
}

interface Options extends InterceptOptions {
  readonly lost: Promise<ContainerLost>
  readonly clock: Clock
}

/** Starts a process beside the main assignment of a container that has reported in. */
export function intercept(session: InteractiveSession, process: InterceptedProcess, { onOutput, signal, lost, clock }: Options): Interception {
  const assignment = assignmentOf(process)
  const { id } = assignment
  const notTaken = new AbortController()
  const hangUp = AbortSignal.any([signal, notTaken.signal])

  async function give(data: Uint8Array, stream: 'stdout' | 'stderr'): Promise<void> {
    if (notTaken.signal.aborted) return
    const taken = new AbortController()
    const output = (async () => onOutput(data, stream))()
    const late = clock.sleep(patienceMs, taken.signal).then(() => notTaken.abort(), () => {})
    await Promise.race([output.catch(() => notTaken.abort()), late])
    taken.abort(enough)
  }

  async function sink(records: readonly ContainerRecord[]): Promise<number> {
    let seq = 0
    for (const record of records) {
      seq = record.seq
      if (record.kind !== 'event') await give(record.data, record.kind)
      else if (record.event.event === 'notice') await give(Buffer.from(`${record.event.text}\r\n`), 'stderr')
    }
    return seq
  }

  const result = session.run({ assignment, sink, signal: hangUp, lost, interactive: true }).then(
    (ended) => {
      // Nothing is left to keep.
      if (ended.ok) ended.value.settled()
      return notTaken.signal.aborted ? fail(gone(`its output was not taken for ${patienceMs / 1000} s`)) : outcomeOf(ended, signal)
    },
    (error: unknown) => fail(gone(String(error))),
  )
  return {
    async write(data, eof = false) {
      for (let at = 0; at < data.length || (at === 0 && eof); at += pieceBytes) {
        const piece = data.subarray(at, at + pieceBytes)
        const last = at + pieceBytes >= data.length
        session.tell({ type: 'stdin', id, data: Buffer.from(piece).toString('base64'), ...(last && eof && { eof: true }) })
        await session.drained()
      }
    },
    resize: (columns, rows) => session.tell({ type: 'resize', id, columns, rows }),
    result,
  }
}

function outcomeOf(ended: Result<AssignmentResult, ContainerLost>, signal: AbortSignal): Result<ProcessOutcome, ContainerLost> {
  if (!ended.ok) return ended
  const { outcome, aborted } = ended.value
  // Sessions are ended with their container.
  if ((aborted || outcome.kind === 'never-started') && !signal.aborted) return fail(gone('the container is going away: its step is over'))
  return outcome.kind === 'killed' ? fail(gone(outcome.message)) : ok(outcome)
}

const gone = (message: string): ContainerLost => ({ kind: 'lost', message, mayStillRun: false })

function assignmentOf({ path, args, env, dir = '', user = '', tty }: InterceptedProcess): Assignment {
  return {
    id: `${sessionPrefix}${randomUUID()}`,
    process: { path, args, env, dir, user, ...(tty !== undefined && { tty }) },
    stdout: 'log',
    inputs: [],
    outputs: [],
    caches: [],
    chown: false,
    graceMs,
  }
}
