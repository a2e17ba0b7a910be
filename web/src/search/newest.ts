/** An answer, and the text that it is for. */
export interface AnswerOf<T> {
  readonly of: string
  readonly answer: T
}

/**
 * Asks for a text that changes as it is typed: one question is under way at a time, and when it is answered the newest text is asked for. So the
 * last answer is always that of the last text, in whatever time answers come, and a fast typist sends few questions; no timer decides what is asked.
 */
export class NewestAnswer<T> {
  readonly #ask: (text: string) => Promise<T>
  readonly #told: (answer: AnswerOf<T>) => void
  #wanted: string | undefined
  #underWay = false
  #ended = false

  /** @param ask must not reject */
  constructor(ask: (text: string) => Promise<T>, told: (answer: AnswerOf<T>) => void) {
    this.#ask = ask
    this.#told = told
  }

  want(text: string): void {
    this.#wanted = text
    if (!this.#underWay) void this.#go()
  }

  /** Nothing is told any more. */
  end(): void {
    this.#ended = true
    this.#wanted = undefined
  }

  async #go(): Promise<void> {
    this.#underWay = true
    while (this.#wanted !== undefined) {
      const of = this.#wanted
      this.#wanted = undefined
      const answer = await this.#ask(of)
      if (!this.#ended) this.#told({ of, answer })
    }
    this.#underWay = false
  }
}
