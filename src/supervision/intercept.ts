import type { Result } from '../model/result.ts'
import type { Assignment, AssignmentResult, ContainerLost } from '../runtime/contract.ts'
import type { Session } from './session.ts'

/** A process beside the container's main assignment, with someone at its terminal. */
export interface Interception {
  /**
   * Resolves when more may be written. What is under way when the connection breaks may be lost: a person types it again.
   * `eof`: nothing more will come.
   */
  write(data: Uint8Array, eof?: boolean): Promise<void>
  resize(columns: number, rows: number): void
  readonly result: Promise<Result<AssignmentResult, ContainerLost>>
}

export interface InterceptOptions {
  /** Called in order, one at a time. */
  readonly onOutput: (data: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void
  /** Ends the process: TERM, then KILL. */
  readonly signal: AbortSignal
  readonly lost: Promise<ContainerLost>
}

const pieceBytes = 64 * 1024

/** Starts `assignment` (its `stdin` must be absent) in a container that has reported in. */
export function intercept(session: Session, assignment: Assignment, { onOutput, signal, lost }: InterceptOptions): Interception {
  const { id } = assignment
  const result = session.run(
    assignment,
    async (records) => {
      let seq = 0
      for (const record of records) {
        seq = record.seq
        if (record.kind !== 'event') await onOutput(record.data, record.kind)
      }
      return seq
    },
    signal,
    lost,
    true,
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
    result: result.then((outcome) => {
      // Nobody keeps it.
      if (outcome.ok) outcome.value.settled()
      return outcome
    }),
  }
}
