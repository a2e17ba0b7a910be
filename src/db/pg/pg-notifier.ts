import type { Clock } from '../../lib/clock.ts'
import { checkChannel } from '../db.ts'

/** Notifications of one window go out together: each NOTIFY takes a lock of the whole database when it commits. ms */
const windowMs = 10

/** Sends NOTIFYs after commits, in batches. A lost one does no harm, since listeners poll too. */
export class PgNotifier {
  readonly #send: (channels: readonly string[], payloads: readonly string[]) => Promise<unknown>
  readonly #clock: Clock
  readonly #waiting = new Map<string, { readonly channel: string; readonly payload: string }>()
  #sending: Promise<void> | undefined

  constructor(send: (channels: readonly string[], payloads: readonly string[]) => Promise<unknown>, clock: Clock) {
    this.#send = send
    this.#clock = clock
  }

  notify(channel: string, payload: string): void {
    this.#waiting.set(`${checkChannel(channel)} ${payload}`, { channel, payload })
    this.#sending ??= this.#sendLater()
  }

  /** Resolves when all that was notified has been sent. */
  async flush(): Promise<void> {
    await this.#sending
  }

  async #sendLater(): Promise<void> {
    await this.#clock.sleep(windowMs)
    const batch = [...this.#waiting.values()]
    this.#waiting.clear()
    // Notifications from here on belong to the next batch.
    this.#sending = undefined
    await this.#send(batch.map(({ channel }) => channel), batch.map(({ payload }) => payload)).catch(() => undefined)
  }
}
