/** What the control sequences of a log ask for; whatever is not here was dropped. */
export interface Sink {
  /** Characters that have a place in a line: no control characters. */
  text(run: string): void
  newline(): void
  carriageReturn(): void
  backspace(): void
  tab(): void
  /** `ESC [ parameters final`, without private ones. */
  csi(final: string, parameters: string): void
  /** OSC 8 with an http or https URL; undefined ends the link. */
  link(url: string | undefined): void
}

const maxCsi = 128
const maxOsc = 2_048

/** Control characters, those of bidirectional text and line separators, which would show a line other than it is. */
const controls = /[\u0000-\u001f\u007f-\u009f]/
const misleading = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const run = /[^\u0000-\u001f\u007f-\u009f]+/y

/** `string`: OSC, DCS and the like, up to their terminator. `collected` has their text only for an OSC. */
type State = 'ground' | 'escape' | 'intermediate' | 'csi' | 'string'

/**
 * Reads what a process wrote for a terminal. Pieces may be cut anywhere. A sequence that does not end holds no more than the rest of
 * its line: a newline ends it.
 */
export class ControlParser {
  readonly #sink: Sink
  #state: State = 'ground'
  #collected = ''
  #osc = false
  /** The last character of a piece, when it is the first half of one beyond U+FFFF. */
  #half = ''

  constructor(sink: Sink) {
    this.#sink = sink
  }

  feed(piece: string): void {
    const joined = this.#half + piece
    const cut = endsInHalf(joined)
    this.#half = cut ? joined.slice(-1) : ''
    this.#read((cut ? joined.slice(0, -1) : joined).toWellFormed().replace(misleading, '\ufffd'))
  }

  #read(text: string): void {
    let at = 0
    while (at < text.length) {
      if (this.#state === 'ground') {
        run.lastIndex = at
        const found = run.exec(text)
        if (found !== null) {
          this.#sink.text(found[0])
          at += found[0].length
          continue
        }
      }
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      this.#one(character)
      at += character.length
    }
  }

  #one(character: string): void {
    if (character === '\n') {
      this.#state = 'ground'
      this.#sink.newline()
    } else if (character === '\u0018' || character === '\u001a') {
      this.#state = 'ground'
    } else if (character === '\u001b') {
      // ESC ends a string, whether or not \ follows.
      if (this.#state === 'string') this.#endString()
      this.#state = 'escape'
    } else {
      this.#in[this.#state](character)
    }
  }

  readonly #in: Readonly<Record<State, (character: string) => void>> = {
    ground: (character) => {
      if (character === '\r') this.#sink.carriageReturn()
      else if (character === '\t') this.#sink.tab()
      else if (character === '\b') this.#sink.backspace()
    },
    escape: (character) => {
      this.#collected = ''
      this.#osc = character === ']'
      if (character === '[') this.#state = 'csi'
      else if (']PX^_'.includes(character)) this.#state = 'string'
      else if (character >= ' ' && character <= '/') this.#state = 'intermediate'
      else this.#state = 'ground'
    },
    intermediate: (character) => {
      if (character < ' ' || character > '/') this.#state = 'ground'
    },
    csi: (character) => {
      if (character < ' ') return
      if (character < '@') {
        if (this.#collected.length < maxCsi) this.#collected += character
        return
      }
      this.#state = 'ground'
      if (character <= '~' && /^[0-9;:]*$/.test(this.#collected)) this.#sink.csi(character, this.#collected)
    },
    string: (character) => {
      if (character === '\u0007' || character === '\u009c') {
        this.#endString()
        this.#state = 'ground'
      } else if (this.#osc && this.#collected.length <= maxOsc) {
        this.#collected += character
      }
    },
  }

  #endString(): void {
    if (!this.#osc || this.#collected.length > maxOsc) return
    const link = /^8;[^;]*;(.*)$/.exec(this.#collected)
    if (link !== null) this.#sink.link(safeLink(link[1] ?? ''))
  }
}

/** Only http and https: other schemes run things or read files. */
function safeLink(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || controls.test(text) || !URL.canParse(text)) return undefined
  return new URL(text).href
}

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}
