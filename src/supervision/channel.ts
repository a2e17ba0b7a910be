import type { Duplex } from 'node:stream'
import { enough, type Clock } from '../lib/clock.ts'
import { dataHead, encodeMessage, FrameDecoder, maxMessageBytes, maxOtherBytes, ProtocolError, type Frame, type Message } from './frames.ts'

const pingAfterMs = 20_000
const deadAfterMs = 60_000
/** Whole frames that are kept for a reader that is busy; the stream is paused above it. */
const readAheadBytes = 512 * 1024
/** What a frame costs beside its bytes: small ones in great number count too. */
const frameCost = 128
/** Bytes kept for a peer that does not read; above it the channel is closed. */
const writeLimitBytes = 64 * 1024 * 1024
const closeAfterMs = 2_000

/**
 * Frames over a reliable byte stream. Reading is pulled (`read`), so a slow reader slows the other side down; pings are
 * sent and answered, and a silent channel is closed, here.
 */
export class Channel {
  /** Resolves when it is closed, for whatever reason. Never rejects. */
  readonly closed: Promise<void>
  /** Why it was closed, where something is wrong. */
  problem: string | undefined
  /** Called for each chunk that came, with clock.now(). */
  onHeard: ((now: number) => void) | undefined
  readonly #stream: Duplex
  readonly #clock: Clock
  readonly #decoder: FrameDecoder
  readonly #ended = new AbortController()
  #frames: Frame[] = []
  /** Cost of #frames. The bytes of an unfinished frame are not in it: the reader cannot take them, so nothing would ever resume the stream. */
  #queuedBytes = 0
  /** Only while #frames holds something to read. */
  #paused = false
  #pongDue = false
  #wake: (() => void) | undefined
  #lastSent: number
  #lastHeard: number

  /** `limit`: longest message taken until `trust` is called. */
  constructor(stream: Duplex, clock: Clock, limit = maxMessageBytes) {
    this.#stream = stream
    this.#clock = clock
    this.#decoder = new FrameDecoder(limit)
    this.#lastSent = this.#lastHeard = clock.now()
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        if (this.#ended.signal.aborted) return
        this.#ended.abort(enough)
        this.#wake?.()
        resolve()
      }
      stream.once('close', end)
      // The end of one direction closes the channel: it is never used half-closed.
      stream.once('end', () => this.destroy())
      stream.on('error', (error) => {
        this.problem ??= error.message
        end()
      })
      if (stream.destroyed) end()
    })
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    void this.#keepAlive()
  }

  trust(): void {
    this.#decoder.limit = maxMessageBytes
  }

  get open(): boolean {
    return !this.#ended.signal.aborted
  }

  /** All frames that have come, at least one; undefined when the channel is closed and everything was read. */
  async read(): Promise<Frame[] | undefined> {
    if (!(await this.#readable())) return undefined
    const frames = this.#frames
    this.#frames = []
    this.#queuedBytes = 0
    return frames
  }

  /** The next frame alone. */
  async readOne(): Promise<Frame | undefined> {
    if (!(await this.#readable())) return undefined
    const frame = this.#frames.shift()
    if (this.#frames.length === 0) this.#queuedBytes = 0
    return frame
  }

  /** Waits for a frame; false when the channel is closed and everything was read. */
  async #readable(): Promise<boolean> {
    while (this.#frames.length === 0) {
      if (!this.open) return false
      if (this.#paused) {
        this.#paused = false
        this.#lastHeard = this.#clock.now()
        this.#stream.resume()
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
    return true
  }

  send(message: Message): void {
    this.#write(encodeMessage(message))
  }

  /** Nothing waits to be sent. */
  get drained(): boolean {
    return !this.#stream.writableNeedDrain
  }

  /** Resolves when what was sent before has been taken, or the channel is closed. */
  async drain(): Promise<void> {
    while (this.open && this.#stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        this.#stream.once('drain', resolve)
        void this.closed.then(() => {
          this.#stream.off('drain', resolve)
          resolve()
        })
      })
    }
  }

  /** Sends data of any length; resolves when the bytes may be overwritten. False when the channel is closed. */
  async sendData(data: Uint8Array): Promise<boolean> {
    for (let at = 0; at < data.length; at += maxOtherBytes - 1) {
      const piece = data.subarray(at, at + maxOtherBytes - 1)
      if (!this.open) return false
      await new Promise<void>((resolve) => {
        this.#stream.cork()
        this.#stream.write(dataHead(piece.length))
        this.#stream.write(piece, () => resolve())
        this.#stream.uncork()
      })
      this.#lastSent = this.#clock.now()
    }
    return this.open
  }

  /** Sends bytes as they are; for recorded frames. */
  sendRaw(bytes: Buffer): void {
    this.#write(bytes)
  }

  /** Sends what was written, then closes. */
  close(): void {
    if (!this.open) return
    this.#stream.end(() => this.destroy())
    void this.#clock.sleep(closeAfterMs, this.#ended.signal).then(
      () => this.destroy(),
      () => {},
    )
  }

  destroy(problem?: string): void {
    this.problem ??= problem
    this.#stream.destroy()
  }

  #write(bytes: Buffer): void {
    if (!this.open || !this.#stream.writable) return
    this.#lastSent = this.#clock.now()
    this.#stream.write(bytes)
    if (this.#stream.writableLength > writeLimitBytes) this.destroy('the other side does not read')
  }

  #take(chunk: Buffer): void {
    this.#lastHeard = this.#clock.now()
    this.onHeard?.(this.#lastHeard)
    const unfinishedBefore = this.#decoder.unfinishedBytes
    let frames: Frame[]
    try {
      frames = this.#decoder.push(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.destroy(error.message)
      return
    }
    const queued = this.#frames.length
    for (const frame of frames) {
      if (frame.kind === 'message' && frame.message.type === 'ping') this.#pong()
      else this.#frames.push(frame)
    }
    const added = this.#frames.length - queued
    if (added === 0) return
    this.#queuedBytes += unfinishedBefore + chunk.length - this.#decoder.unfinishedBytes + added * frameCost
    if (this.#queuedBytes > readAheadBytes && !this.#paused) {
      this.#paused = true
      this.#stream.pause()
    }
    this.#wake?.()
  }

  /** Answers a ping. Pings of a peer that does not read get one answer together, so that answers do not pile up. */
  #pong(): void {
    if (this.#pongDue) return
    if (this.drained) return this.send({ type: 'pong' })
    this.#pongDue = true
    void this.drain().then(() => {
      this.#pongDue = false
      this.send({ type: 'pong' })
    })
  }

  async #keepAlive(): Promise<void> {
    while (this.open) {
      const now = this.#clock.now()
      // Nothing is received from a paused stream. It is paused only while frames wait for a busy reader, so a waiting reader does notice silence.
      if (this.#paused) this.#lastHeard = now
      if (now - this.#lastHeard >= deadAfterMs) return this.destroy(`silent for ${deadAfterMs / 1000} s`)
      if (now - this.#lastSent >= pingAfterMs) this.send({ type: 'ping' })
      const next = Math.min(this.#lastHeard + deadAfterMs, this.#lastSent + pingAfterMs) - now
      await this.#clock.sleep(Math.max(next, 1), this.#ended.signal).catch(() => {})
    }
  }
}
