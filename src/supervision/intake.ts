import { enough, type Clock } from '../lib/clock.ts'
import { toError } from '../lib/errors.ts'
import type { ContainerRecord, RecordSink } from '../runtime/contract.ts'
import { ProtocolError, RecordKind, type WireRecord } from './frames.ts'
import { parseEvent } from './messages.ts'

/** Receives the records of one assignment. */
export interface Consumer {
  readonly sink: RecordSink
  /** The result record's data, as it came. */
  readonly onResult: (data: Buffer, seq: number) => void
  /** Called when the sink rejects. The assignment is detached; records that are not durable come again after it is attached again. */
  readonly onSinkFailure: (error: Error) => void
}

interface Attached extends Consumer {
  /** Highest sequence number given to the sink. */
  given: number
  /** Nothing above this is durable, though it was given: set while the sink lags (a line is not complete yet). */
  durableTo: number | undefined
}

const batchRecords = 4096
const batchBytes = 1024 * 1024
const queueBytes = 4 * 1024 * 1024
/** What a record costs beside its data. */
const recordBytes = 128

/**
 * Takes a container's records in order, each once, gives them to their assignments' sinks in batches, and knows how far
 * they are durable. A batch is gathered for up to `gatherMs`, except when something is to be decided: events and results go at once.
 */
export class Intake {
  /** Called when more records are durable than before. */
  onDurable: (() => void) | undefined
  /** Called when records from `acked + 1` on must be sent again. */
  onRewind: (() => void) | undefined
  readonly #clock: Clock
  readonly #gatherMs: number
  readonly #consumers = new Map<string, Attached | 'failed'>()
  /** Results that are not durable yet: sequence number → highest one before it that is. */
  readonly #unsettled = new Map<number, number>()
  #queue: WireRecord[] = []
  #queuedBytes = 0
  #received = 0
  /** Highest sequence number that was given to a sink or dropped. */
  #given = 0
  /** An assignment has been attached; from then on records of no attached assignment are dropped. */
  #claimed = false
  #pumping: Promise<void> | undefined
  #hurry: (() => void) | undefined
  #urgent = false
  #lastBatch = -Infinity
  #roomMade: (() => void) | undefined

  /** `over`: earlier assignments will not be attached again. */
  constructor(clock: Clock, options: { readonly acked?: number | undefined; readonly over?: boolean | undefined; readonly gatherMs: number }) {
    this.#clock = clock
    this.#claimed = options.over === true
    this.#gatherMs = options.gatherMs
    this.#received = this.#given = options.acked ?? 0
  }

  /** Highest sequence number taken. */
  get received(): number {
    return this.#received
  }

  /** Highest sequence number that may be acknowledged. */
  get acked(): number {
    let acked = this.#given
    for (const durableTo of this.#unsettled.values()) acked = Math.min(acked, durableTo)
    for (const attached of this.#consumers.values()) if (attached !== 'failed') acked = Math.min(acked, attached.durableTo ?? acked)
    return acked
  }

  /** Everything up to this record has come and was given to its sink. */
  isGiven(seq: number): boolean {
    return this.#queue.length === 0 && this.#given >= seq
  }

  get claimed(): boolean {
    return this.#claimed
  }

  /** What the supervisor no longer has was acknowledged, by this process or the one before. */
  startAt(firstSeq: number): void {
    if (firstSeq - 1 <= this.#received) return
    this.#received = firstSeq - 1
    if (this.#queue.length === 0) this.#given = this.#received
  }

  /** `beside`: an interactive session, which does not count as attaching the step's own assignment. */
  attach(id: string, consumer: Consumer, beside = false): void {
    if (!beside) this.#claimed = true
    this.#consumers.set(id, { ...consumer, given: 0, durableTo: undefined })
    this.#pump()
  }

  /** Records of this assignment are dropped from now on. */
  detach(id: string): void {
    this.#consumers.delete(id)
    this.#pump()
  }

  accept(record: WireRecord): void {
    if (record.seq <= this.#received) return
    if (record.seq !== this.#received + 1) throw new ProtocolError(`record ${record.seq} came after ${this.#received}`)
    this.#received = record.seq
    this.#queue.push(record)
    this.#queuedBytes += record.data.length + recordBytes
    if (record.kind > RecordKind.stderr || this.#queuedBytes > batchBytes) this.#setUrgent()
    this.#pump()
  }

  /** Resolves when more records can be taken. */
  async room(): Promise<void> {
    while (this.#queuedBytes > queueBytes) {
      await new Promise<void>((resolve) => (this.#roomMade = resolve))
    }
  }

  /** Resolves when all records that came were given to their sinks, or cannot be for now. */
  async flush(): Promise<void> {
    this.#setUrgent()
    while (this.#pumping !== undefined) await this.#pumping
  }

  settle(seq: number): void {
    if (this.#unsettled.delete(seq)) this.onDurable?.()
  }

  #setUrgent(): void {
    this.#urgent = true
    this.#hurry?.()
  }

  #pump(): void {
    if (this.#pumping !== undefined || this.#queue.length === 0) return
    this.#pumping = this.#run().finally(() => {
      this.#pumping = undefined
      // Something may have come, or been attached, between the last look and now.
      if (this.#queue.length > 0 && this.#canGoOn()) this.#pump()
    })
  }

  #canGoOn(): boolean {
    const consumer = this.#consumers.get(this.#queue[0]?.assignment ?? '')
    return consumer === undefined ? this.#claimed : consumer !== 'failed'
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && this.#canGoOn()) {
      await this.#gather()
      const id = this.#queue[0]!.assignment
      const consumer = this.#consumers.get(id)
      if (consumer === 'failed') return
      const batch = this.#nextBatch(id)
      if (consumer !== undefined && !(await this.#give(consumer, batch))) {
        if (this.#consumers.get(id) !== consumer) continue // detached meanwhile: the batch is dropped
        return this.#rewind(id)
      }
      this.#take(batch)
      const last = batch.at(-1)!
      if (last.kind === RecordKind.result && consumer !== undefined) {
        this.#unsettled.set(last.seq, consumer.durableTo ?? last.seq - 1)
        if (this.#consumers.get(id) === consumer) this.#consumers.delete(id)
        consumer.onResult(last.data, last.seq)
      }
      this.onDurable?.()
    }
  }

  /** False: the sink failed. */
  async #give(consumer: Attached, batch: readonly WireRecord[]): Promise<boolean> {
    const records = batch
      .filter(({ seq }) => seq > consumer.given)
      .map(toContainerRecord)
      .filter((record) => record !== undefined)
    const first = records[0]
    const last = records.at(-1)
    if (first === undefined || last === undefined) return true
    try {
      const durable = await consumer.sink(records)
      consumer.durableTo = durable >= last.seq ? undefined : Math.max(durable, consumer.durableTo ?? first.seq - 1)
      consumer.given = last.seq
      return true
    } catch (error) {
      consumer.onSinkFailure(toError(error))
      return false
    }
  }

  #rewind(id: string): void {
    const acked = this.acked
    this.#consumers.set(id, 'failed')
    this.#queue = []
    this.#queuedBytes = 0
    this.#received = this.#given = acked
    this.#roomMade?.()
    this.onRewind?.()
  }

  /** A result ends its batch. */
  #nextBatch(id: string): WireRecord[] {
    let bytes = 0
    let count = 0
    for (const record of this.#queue) {
      if (record.assignment !== id || count === batchRecords || bytes > batchBytes) break
      bytes += record.data.length
      count++
      if (record.kind === RecordKind.result) break
    }
    return this.#queue.slice(0, count)
  }

  #take(batch: readonly WireRecord[]): void {
    this.#queue = this.#queue.slice(batch.length)
    for (const record of batch) this.#queuedBytes -= record.data.length + recordBytes
    this.#given = batch.at(-1)!.seq
    if (this.#queue.length === 0) this.#urgent = false
    if (this.#queuedBytes <= queueBytes / 2) this.#roomMade?.()
  }

  async #gather(): Promise<void> {
    const wait = this.#lastBatch + this.#gatherMs - this.#clock.now()
    if (!this.#urgent && wait > 0) {
      const hurried = new AbortController()
      this.#hurry = () => hurried.abort(enough)
      await this.#clock.sleep(wait, hurried.signal).catch(() => {})
      this.#hurry = undefined
    }
    this.#lastBatch = this.#clock.now()
  }
}

/** Undefined: a result, or something of a later version. */
function toContainerRecord({ seq, time, kind, data }: WireRecord): ContainerRecord | undefined {
  switch (kind) {
    case RecordKind.stdout:
      return { seq, time, kind: 'stdout', data }
    case RecordKind.stderr:
      return { seq, time, kind: 'stderr', data }
    case RecordKind.event: {
      const event = parseEvent(data)
      return event && { seq, time, kind: 'event', event }
    }
    default:
      return undefined
  }
}
