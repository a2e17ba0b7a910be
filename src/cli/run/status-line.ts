import type { Clock } from '../../lib/clock.ts'
import { printable } from '../../lib/visible.ts'

/** What the user is waiting for. */
export interface Waiting {
  readonly step: string
  readonly state: string
  /** Unix ms. */
  readonly since: number
}

/** What of a stream the line has to know. */
export interface StatusStream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/**
 * On a terminal: one line below the log that names step, state, elapsed time and time since the last output. Elsewhere: a line
 * on stderr for each minute of silence.
 */
export class StatusLine {
  private readonly clock: Clock
  private readonly stream: StatusStream
  private readonly write: (text: string) => void
  private waiting: Waiting | undefined
  private lastOutput: number
  private lastTold: number
  private shown = false
  private readonly done = new AbortController()

  constructor(clock: Clock, stream: StatusStream, write: (text: string) => void) {
    this.clock = clock
    this.stream = stream
    this.write = write
    this.lastOutput = clock.now()
    this.lastTold = clock.now()
  }

  start(): void {
    void this.run()
  }

  now(step: string, state: string): void {
    if (this.waiting?.step === step && this.waiting.state === state) return
    this.waiting = { step, state, since: this.clock.now() }
  }

  /** Call before anything else is printed. */
  clear(): void {
    this.lastOutput = this.clock.now()
    this.lastTold = this.lastOutput
    if (!this.shown) return
    this.write('\r\u001b[K')
    this.shown = false
  }

  stop(): void {
    this.clear()
    this.done.abort()
  }

  private async run(): Promise<void> {
    const every = this.stream.isTTY ? 1_000 : 5_000
    for (;;) {
      const slept = await this.clock.sleep(every, this.done.signal).then(() => true, () => false)
      if (!slept) return
      this.tell()
    }
  }

  private tell(): void {
    if (this.waiting === undefined) return
    const now = this.clock.now()
    const quiet = Math.round((now - this.lastOutput) / 1000)
    const elapsed = Math.round((now - this.waiting.since) / 1000)
    const times = `, ${seconds(elapsed)}${quiet >= 5 ? `, no output for ${seconds(quiet)}` : ''}`
    // Names and reasons come from pipelines and engines. What a line is too short for would stay on the terminal.
    const room = Math.max(20, (this.stream.isTTY ? (this.stream.columns ?? 80) : longestLine) - times.length - 1)
    const what = Array.from(printable(`${this.waiting.step}: ${this.waiting.state}`))
    const words = `${what.length > room ? `${what.slice(0, room - 1).join('')}…` : what.join('')}${times}`
    if (this.stream.isTTY) {
      this.write(`\r\u001b[K\u001b[2m${words}\u001b[0m`)
      this.shown = true
    } else if (now - this.lastTold >= 60_000) {
      this.lastTold = now
      this.write(`${words}\n`)
    }
  }
}

/** Characters, where no terminal says how wide it is. */
const longestLine = 500

function seconds(total: number): string {
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${total % 60} s`
}
