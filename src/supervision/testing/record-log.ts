import { createHash } from 'node:crypto'
import type { ContainerRecord } from '../../runtime/contract.ts'

/** A sink that hashes output across servers, and remembers what is durable as a database would. */
export function recordLog() {
  const hash = createHash('sha256')
  const seqs: number[] = []
  const events: string[] = []
  /** The longest piece of output. */
  let longest = 0
  const watchers = new Set<() => void>()
  let text = ''
  return {
    seqs,
    events,
    get acked() {
      return seqs.at(-1) ?? 0
    },
    get longest() {
      return longest
    },
    get text() {
      return text
    },
    hash: () => hash.digest('hex'),
    async sink(this: void, records: readonly ContainerRecord[]) {
      for (const record of records) {
        seqs.push(record.seq)
        if (record.kind === 'event') events.push(record.event.event)
        else {
          hash.update(record.data)
          longest = Math.max(longest, record.data.length)
          if (text.length < 10_000) text += Buffer.from(record.data).toString()
        }
      }
      for (const wake of watchers) wake()
      watchers.clear()
      return records.at(-1)!.seq
    },
    async until(condition: () => boolean) {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          watchers.add(resolve)
        })
      }
    },
  }
}
