import { LogEngine } from './engine.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

/** What this file uses of the worker that it runs in: lib.dom has a page's types alone. */
interface Scope {
  onmessage: ((message: MessageEvent<ToWorker>) => void) | null
  postMessage(message: FromWorker): void
}
const scope = globalThis as unknown as Scope

/** At most ten times a second: a page paints no more often for a log that grows. */
const pause = 100

const engine = new LogEngine()
let told: ReturnType<typeof setTimeout> | undefined
let again = false

/** The first news goes out at once; what comes within the pause after it goes out together. */
function tell(): void {
  if (told !== undefined) {
    again = true
    return
  }
  scope.postMessage({ kind: 'state', state: engine.state, last: engine.last })
  told = setTimeout(() => {
    told = undefined
    if (again) {
      again = false
      tell()
    }
  }, pause)
}

scope.onmessage = ({ data }) => {
  if ('ask' in data) {
    scope.postMessage({ kind: 'answer', seq: data.seq, answer: engine.ask(data.ask) })
    return
  }
  if ('cut' in data) {
    engine.cut()
    return
  }
  try {
    engine.feed(data.bytes)
    tell()
  } catch (error) {
    scope.postMessage({ kind: 'broken', message: error instanceof Error ? error.message : String(error) })
  }
}
