import type { ArtifactRef } from '../../model/artifact.ts'
import type { Assignment, AssignmentResult, ContainerRecord, RecordSink } from '../contract.ts'
import { scriptOf, type Script } from './script.ts'

/** The process of a fake container. It goes on while no server is attached, as under a real supervisor. */
export class FakeProcess {
  readonly assignment: Assignment
  private readonly script: Script
  private readonly records: ContainerRecord[] = []
  private readonly before: number
  private acked: number
  private aborted = false
  private ended = false
  private attached = 0
  private changed: () => void = () => undefined
  private abort: () => void = () => undefined

  /** `before`: the number of the container's last record. `held`: resolves when the test releases a held process. `stored`: what outputs of these names are. */
  constructor(assignment: Assignment, before: number, held: (name: string) => Promise<void>, stored: ReadonlyMap<string, ArtifactRef>) {
    this.assignment = assignment
    this.before = this.acked = before
    this.script = scriptOf(assignment, stored)
    const aborted = new Promise<void>((resolve) => (this.abort = resolve))
    void this.run(held, aborted)
  }

  get deaf(): boolean {
    return this.script.deaf
  }

  /** Of its result. */
  get lastSeq(): number {
    return this.before + this.records.length + 1
  }

  /** Delivers the records that are not acknowledged, and further ones. A later call replaces this one, which then never resolves. */
  async deliver(sink: RecordSink, signal: AbortSignal): Promise<AssignmentResult | string> {
    const mine = ++this.attached
    let given = this.acked
    const stop = () => {
      if (this.ended || this.script.deaf) return
      this.aborted = true
      this.abort()
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    for (;;) {
      const fresh = this.records.filter((record) => record.seq > given)
      const batch = this.script.split ? fresh.slice(0, 1) : fresh
      const last = batch.at(-1)
      if (last !== undefined) {
        given = last.seq
        const acked = await sink(batch)
        if (mine === this.attached) this.acked = Math.max(this.acked, acked)
      } else if (this.ended) break
      else await new Promise<void>((resolve) => (this.changed = resolve))
      if (mine !== this.attached) await new Promise(() => undefined)
    }
    signal.removeEventListener('abort', stop)
    return this.script.lose ?? this.result()
  }

  private async run(held: (name: string) => Promise<void>, aborted: Promise<void>): Promise<void> {
    const { records, hold, pace, hang, deaf } = this.script
    this.print([{ event: 'started', pid: 1 }])
    for (const [index, record] of pace === undefined ? [] : records.entries()) {
      await Promise.race([held(`${pace}/${index + 1}`), aborted])
      if (this.aborted) break
      this.print([record])
    }
    const half = hold === undefined ? records.length : Math.ceil(records.length / 2)
    if (pace === undefined) this.print(records.slice(0, half))
    if (hold !== undefined) {
      await Promise.race([held(hold), aborted])
      this.print(this.aborted || pace !== undefined ? [] : records.slice(half))
    }
    if (hang || deaf) await aborted
    this.ended = true
    this.changed()
  }

  private print(records: Script['records']): void {
    for (const record of records) {
      const numbered = { seq: this.lastSeq, time: 0 }
      this.records.push('kind' in record ? { ...numbered, ...record } : { ...numbered, kind: 'event', event: record })
    }
    this.changed()
  }

  private result(): AssignmentResult {
    const { outcome, timedOut, response, outputs } = this.script
    return {
      outcome: this.aborted ? { kind: 'signaled', signal: 'TERM', oom: false } : outcome,
      aborted: this.aborted,
      timedOut,
      ...(response && { response }),
      outputs,
      seq: this.lastSeq,
      settled: () => undefined,
    }
  }
}
