import { Secrets } from '../lib/secrets.ts'
import { visible } from '../lib/visible.ts'

/** The secrets that no line of this process may show; the engine holds those of its builds here. */
export const secrets = new Secrets()

/**
 * The one way to the terminal: test/architecture.test.ts sees to it that nobody writes past it. `line` and `say` are words of our own,
 * which quote names, images and messages from elsewhere: their control sequences are not for this terminal. A build's `log` is shown as
 * its processes write it, as fly does.
 */
export const terminal = {
  /** Results: lines on stdout. */
  line: (text: string): void => void process.stdout.write(`${visible(secrets.redact(text))}\n`),
  /** Words about what is done: lines on stderr. */
  say: (text: string): void => void process.stderr.write(`${visible(secrets.redact(text))}\n`),
  /** A build's log; the event printer has made safe what is not a process's own output. */
  log: (text: string): void => void process.stdout.write(secrets.redact(text)),
  /** The status line, with the control sequences that draw it. */
  draw: (text: string): void => void process.stderr.write(secrets.redact(text)),
}

/** The password of a database's address; all of an address that is none, since a part of it may be one. */
export function passwordOf(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : url
}
