import type { TerminalInput, TerminalOutput, TerminalSpec } from '../../../src/client/web-shapes.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A web socket, as far as a session uses it. */
export interface Wire {
  send(text: string): void
  close(): void
}

export interface WireEvents {
  readonly open: () => void
  readonly message: (text: string) => void
  /** `why`: what the server said, if anything. */
  readonly closed: (why: string) => void
}

export type End =
  | { readonly kind: 'exited'; readonly status: number }
  /** The server's sentence. */
  | { readonly kind: 'error'; readonly message: string }
  /** It never opened: the server refused it. */
  | { readonly kind: 'refused' }
  /** The connection broke, or the container ended. */
  | { readonly kind: 'cut'; readonly why: string }

export interface SessionOptions {
  readonly connect: (events: WireEvents) => Wire
  readonly size: () => Size
  readonly output: (bytes: Uint8Array) => void
  readonly opened: (shell: string) => void
  readonly ended: (end: End) => void
}

/** Bytes of input in a frame: the server ends a connection that sends a frame of more than 1 MiB, and what is pasted may be as long. */
const longestInput = 64 * 1024
/** As fly's intercept does it: sh where there is no bash. */
const shells = ['bash', 'sh'] as const

/** A shell in a container, over the frames of fly's intercept. */
export class Session {
  readonly #options: SessionOptions
  #wire: Wire | undefined
  #over = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#start(0)
  }

  input(text: string): void {
    const bytes = new TextEncoder().encode(text)
    for (let from = 0; from < bytes.length; from += longestInput) this.#send({ stdin: toBase64(bytes.subarray(from, from + longestInput)) })
  }

  resize(size: Size): void {
    this.#send({ tty: { window_size: size } })
  }

  close(): void {
    this.#over = true
    this.#wire?.close()
  }

  #start(which: number): void {
    const { connect, size, output, opened } = this.#options
    const shell = shells[which] ?? 'sh'
    let open = false
    let next: 'shell' | undefined
    const wire = connect({
      open: () => {
        if (this.#over) return
        open = true
        this.#wire = wire
        wire.send(JSON.stringify({ path: shell, env: ['TERM=xterm-256color'], tty: { window_size: size() } } satisfies TerminalSpec))
        opened(shell)
      },
      message: (text) => {
        if (this.#over || next !== undefined) return
        const frame = frameOf(text)
        if (frame === undefined) this.#end({ kind: 'error', message: 'the server sent what this page does not understand' })
        else if ('stdout' in frame) output(fromBase64(frame.stdout))
        else if ('stderr' in frame) output(fromBase64(frame.stderr))
        else if ('exit_status' in frame) this.#end({ kind: 'exited', status: frame.exit_status })
        else if ('executable_not_found' in frame && which + 1 < shells.length) {
          next = 'shell'
          wire.close()
          this.#wire = undefined
          this.#start(which + 1)
        } else if ('error' in frame) this.#end({ kind: 'error', message: frame.error })
      },
      closed: (why) => {
        if (this.#over || next !== undefined) return
        this.#end(open ? { kind: 'cut', why } : { kind: 'refused' })
      },
    })
  }

  #send(frame: TerminalInput): void {
    if (!this.#over) this.#wire?.send(JSON.stringify(frame))
  }

  #end(end: End): void {
    this.#over = true
    this.#wire?.close()
    this.#options.ended(end)
  }
}

/** For people. */
export function endText(end: End): string {
  switch (end.kind) {
    case 'exited': return `The shell ended with exit status ${end.status}.`
    case 'error': return `The terminal ended: ${end.message}`
    case 'refused': return 'The server refused the terminal, or does not answer.'
    case 'cut': return `The connection ended${end.why === '' ? '' : `: ${end.why}`}.`
  }
}

function frameOf(text: string): TerminalOutput | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null ? (frame as TerminalOutput) : undefined
  } catch {
    return undefined
  }
}

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
