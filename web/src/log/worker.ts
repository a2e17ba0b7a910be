import { LogEngine } from './engine.ts'
import type { FromWorker, State, ToWorker } from './protocol.ts'
import { Reading } from './reading.ts'

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
/** The step and its rows as they were told. */
let toldView = ''
const viewOf = ({ step, rows }: State): string => `${rows} ${step}`

/** The first news goes out at once; what comes within the pause after it goes out together, but for what somebody waits to see. */
function tell({ awaited = false } = {}): void {
  if (told !== undefined && !awaited) {
    again = true
    return
  }
  clearTimeout(told)
  const { state } = engine
  toldView = viewOf(state)
  scope.postMessage({ kind: 'state', state, last: engine.last })
  told = setTimeout(() => {
    told = undefined
    if (again) {
      again = false
      tell()
    }
  }, pause)
}

const { port1, port2 } = new MessageChannel()
let slice: (() => void) | undefined
port2.onmessage = () => slice?.()

const reading = new Reading({
  engine,
  now: () => performance.now(),
  // Timers of a worker wait four milliseconds at least.
  later(call) {
    slice = call
    port1.postMessage(0)
  },
  progress: () => tell(),
  broken: (message) => scope.postMessage({ kind: 'broken', message }),
})

scope.onmessage = ({ data }) => {
  if ('ask' in data) {
    scope.postMessage({ kind: 'answer', seq: data.seq, answer: engine.ask(data.ask) })
    if (viewOf(engine.state) !== toldView) tell()
  } else if ('part' in data) {
    engine.showPart(data.step, data.part)
    tell({ awaited: true })
  } else {
    reading.take('cut' in data ? 'cut' : data.bytes)
  }
}
