export interface Frame {
  readonly id: number | undefined
  readonly event: string
  readonly data: string
}

/** Far above the largest event that a server sends, a piece of output. */
const largestFrame = 16 * 1024 * 1024

/** Reads an event stream, as /api/v1/builds/ID/events sends it, from pieces that may be cut anywhere. Broken UTF-8 becomes U+FFFD. */
export class FrameReader {
  readonly #decoder = new TextDecoder()
  /** Of a line whose end has not come, in pieces: they are joined once, however many there are. */
  #rest: string[] = []
  #restLength = 0
  #id: number | undefined
  #event = ''
  #data: string[] = []

  /** Returns the frames that the piece completes. */
  feed(bytes: Uint8Array): Frame[] {
    const text = this.#decoder.decode(bytes, { stream: true })
    const frames: Frame[] = []
    let at = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const line = this.#rest.length === 0 ? text.slice(at, end) : this.#whole(text.slice(at, end))
      const frame = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line)
      if (frame !== undefined) frames.push(frame)
      at = end + 1
    }
    if (at < text.length) this.#keep(text.slice(at))
    return frames
  }

  #keep(piece: string): void {
    this.#rest.push(piece)
    this.#restLength += piece.length
    if (this.#restLength > largestFrame) throw new Error('the server sent an event that is too large')
  }

  #whole(end: string): string {
    const line = this.#rest.join('') + end
    this.#rest = []
    this.#restLength = 0
    return line
  }

  #line(line: string): Frame | undefined {
    if (line === '') return this.#take()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#event = value
    if (field === 'data') this.#data.push(value)
    if (field === 'id' && /^\d{1,15}$/.test(value)) this.#id = Number(value)
    return undefined
  }

  #take(): Frame | undefined {
    const frame = { id: this.#id, event: this.#event, data: this.#data.join('\n') }
    const known = this.#data.length > 0 || this.#event !== ''
    this.#id = undefined
    this.#event = ''
    this.#data = []
    return known ? frame : undefined
  }
}
