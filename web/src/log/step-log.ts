import { ControlParser } from './control.ts'
import { Lines } from './lines.ts'
import { Screen } from './screen.ts'

/** The log of one step, from what its process wrote. */
export class StepLog {
  readonly lines: Lines
  readonly #screen: Screen
  readonly #parser: ControlParser
  /** Of what came, as UTF-16 counts it. */
  characters = 0

  /** @param first of a part of a log: the number of its first line, from 0 */
  constructor(first = 0) {
    this.lines = new Lines(first)
    this.#screen = new Screen(this.lines)
    this.#parser = new ControlParser(this.#screen)
  }

  get folds(): Screen['folds'] {
    return this.#screen.folds
  }

  get links(): readonly string[] {
    return this.#screen.links
  }

  output(text: string, time: number): void {
    this.#screen.now = time
    this.characters += text.length
    this.#parser.feed(text)
  }

  /** A message of the server's, in lines of its own. */
  error(message: string, time: number): void {
    this.#screen.now = time
    this.#parser.feed('\u0018')
    this.#screen.ownLine()
    this.characters += message.length + 1
    this.#parser.feed(`\u001b[0;1;31m${message}\u001b[0m\n`)
  }
}
