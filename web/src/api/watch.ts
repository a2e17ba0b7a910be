import { parseMessage } from './messages.ts'

/** What a topic's reader is told. */
export interface Reader {
  readonly set: (value: unknown) => void
  readonly patch?: (items: readonly unknown[]) => void
  /** Bytes of a build's feed (server-sent events), as they come. */
  readonly bytes?: (chunk: Uint8Array) => void
  /** 401, 403, 404 or 410: the server sends nothing more for the topic. */
  readonly refused: (status: number) => void
}

/** An open way to the server, over a WebSocket or server-sent events. */
export interface Line {
  readonly send: (message: string) => void
  readonly close: () => void
}
export interface LineEvents {
  readonly open: () => void
  readonly text: (text: string) => void
  readonly binary: (data: Uint8Array) => void
  /** Something came, though it is no message. */
  readonly beat: () => void
  /** @param why in words, where it is known */
  readonly closed: (why?: string) => void
}

/** What the client uses of the browser; tests give others. */
export interface Surroundings {
  readonly openSocket: (events: LineEvents) => Line
  readonly openStream: (topics: readonly Wanted[], events: LineEvents) => Line
  readonly now: () => number
  readonly after: (ms: number, call: () => void) => () => void
  readonly random: () => number
  readonly visible: () => boolean
  /** Tells of the tab being shown or hidden, and of the network's return. */
  readonly onWake: (call: () => void) => void
}

export interface Wanted {
  readonly sub: number
  readonly topic: string
  readonly rev?: string
}

interface Subscription {
  topic: string
  rev: string | undefined
  readonly reader: Reader
}

const firstWait = 500
const longestWait = 30_000
/** Two failures within this time, and the client tries without a WebSocket: a proxy may refuse them. */
const failuresWithin = 10_000
/** The server says something every 20 s (pingMs of src/api/watch/hub.ts). One that has not for so long is gone without a word, as after a laptop's sleep. */
export const silentMs = 90_000
const lookMs = 15_000

/**
 * One connection for the whole page, however many topics it shows. It comes back by itself after a cut, and goes on where it was: it
 * names the revision that it has (`rev`), or, for a build's events, the last id in the topic. No timer asks for data.
 */
export class Watch {
  readonly #around: Surroundings
  readonly #onLive: (live: boolean, why?: string) => void
  readonly #subscriptions = new Map<number, Subscription>()
  #line: Line | undefined
  #open = false
  #next = 1
  #wait = firstWait
  #failures: number[] = []
  #byStream = false
  /** Sockets work here: whatever fails now is the server, or the way to it. */
  #socketsWork = false
  #reopening = false
  #cancelWait: (() => void) | undefined
  #heardAt = 0
  #cancelLook: (() => void) | undefined

  constructor(around: Surroundings, onLive: (live: boolean, why?: string) => void) {
    this.#around = around
    this.#onLive = onLive
    around.onWake(() => this.#wake())
  }

  /** Reads a topic until the returned function is called. */
  subscribe(topic: string, reader: Reader, rev?: string): Handle {
    const sub = this.#next++
    const subscription: Subscription = { topic, rev, reader }
    this.#subscriptions.set(sub, subscription)
    if (this.#open && !this.#byStream) this.#ask(sub, subscription)
    else if (this.#byStream) this.#reopenStream()
    else this.#connect()
    return {
      resumeAt: (later) => {
        subscription.topic = later
      },
      stop: () => {
        this.#subscriptions.delete(sub)
        if (this.#open && !this.#byStream) this.#line?.send(JSON.stringify({ unsub: sub }))
        else if (this.#byStream) this.#reopenStream()
      },
    }
  }

  /** Closes the connection and opens it again: who is logged in has changed. */
  restart(): void {
    for (const subscription of this.#subscriptions.values()) subscription.rev = undefined
    this.#drop()
    this.#connect()
  }

  #connect(): void {
    if (this.#line !== undefined || this.#subscriptions.size === 0) return
    if (this.#byStream && !this.#around.visible()) return
    this.#cancelWait?.()
    this.#cancelWait = undefined
    const mine: { line?: Line } = {}
    const current = (): boolean => mine.line === undefined || this.#line === mine.line
    const events: LineEvents = {
      open: () => current() && this.#opened(),
      text: (text) => current() && this.#received(text),
      binary: (data) => current() && this.#receivedBytes(data),
      beat: () => current() && this.#heard(),
      closed: (why) => current() && this.#closed(why),
    }
    const line = this.#byStream ? this.#around.openStream(this.#wanted(), events) : this.#around.openSocket(events)
    mine.line = line
    this.#line = line
    this.#heard()
    this.#look()
  }

  #heard(): void {
    this.#heardAt = this.#around.now()
  }

  /** By the time of day, since timers stand still while a machine sleeps. It asks the server for nothing. */
  #look(): void {
    this.#cancelLook?.()
    this.#cancelLook = this.#around.after(lookMs, () => {
      if (!this.#endSilence()) this.#look()
    })
  }

  /** True: the connection said nothing for too long, and there will be another. */
  #endSilence(): boolean {
    if (this.#line === undefined || this.#around.now() - this.#heardAt < silentMs) return false
    this.#closed('nothing came from the server for a minute and a half')
    return true
  }

  #opened(): void {
    this.#open = true
    this.#socketsWork ||= !this.#byStream
    if (!this.#byStream) for (const [sub, subscription] of this.#subscriptions) this.#ask(sub, subscription)
    this.#onLive(true)
  }

  #ask(sub: number, { topic, rev }: Subscription): void {
    this.#line?.send(JSON.stringify({ sub, topic, ...(rev !== undefined && { rev }) }))
  }

  #received(text: string): void {
    this.#heard()
    const message = parseMessage(text)
    const subscription = message && this.#subscriptions.get(message.sub)
    if (message === undefined || subscription === undefined) return
    // Only now: a server that accepts connections and closes them at once must not be asked without a pause.
    this.#wait = firstWait
    switch (message.kind) {
      case 'set':
        subscription.rev = message.rev
        return subscription.reader.set(message.value)
      case 'patch':
        subscription.rev = message.rev
        return subscription.reader.patch?.(message.items)
      case 'error':
        this.#subscriptions.delete(message.sub)
        return subscription.reader.refused(message.status)
    }
  }

  #receivedBytes(data: Uint8Array): void {
    this.#heard()
    if (data.byteLength < 4) return
    const sub = new DataView(data.buffer, data.byteOffset, 4).getUint32(0)
    this.#subscriptions.get(sub)?.reader.bytes?.(data.subarray(4))
  }

  #closed(why?: string): void {
    const wasOpen = this.#open
    this.#drop()
    this.#onLive(false, why)
    if (!wasOpen && !this.#socketsWork) this.#choose()
    const wait = this.#wait * (0.75 + this.#around.random() / 2)
    this.#wait = Math.min(longestWait, this.#wait * 2)
    this.#cancelWait = this.#around.after(Math.min(longestWait, wait), () => this.#connect())
  }

  /** What to try next: a stream when sockets were refused twice, sockets again when a stream cannot be opened either, since then the server is away. */
  #choose(): void {
    const now = this.#around.now()
    this.#failures = this.#byStream ? [] : [...this.#failures.filter((at) => now - at < failuresWithin), now]
    this.#byStream = this.#failures.length >= 2
  }

  /** The tab is shown again, or the network is back: no more waiting. A stream is closed while the tab is hidden. */
  #wake(): void {
    if (this.#byStream && !this.#around.visible()) {
      this.#drop()
      return
    }
    if (this.#line === undefined) this.#connect()
    else this.#endSilence()
  }

  #wanted(): Wanted[] {
    return [...this.#subscriptions].map(([sub, { topic, rev }]) => ({ sub, topic, ...(rev !== undefined && { rev }) }))
  }

  /** Once for all topics that a page begins or ends to show: a stream's topics stand in its URL. */
  #reopenStream(): void {
    if (this.#reopening) return
    this.#reopening = true
    queueMicrotask(() => {
      this.#reopening = false
      this.#drop()
      this.#connect()
    })
  }

  #drop(): void {
    this.#cancelWait?.()
    this.#cancelWait = undefined
    this.#cancelLook?.()
    this.#cancelLook = undefined
    const line = this.#line
    this.#line = undefined
    this.#open = false
    line?.close()
  }
}

export interface Handle {
  /** For a build's events: the topic to ask for after a cut, with the last id that was read. */
  readonly resumeAt: (topic: string) => void
  readonly stop: () => void
}
