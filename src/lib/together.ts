interface Waiting<Asked, Answer> {
  readonly asked: Asked
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

interface TogetherOptions<Asked, Answer> {
  /** Gives an answer to each, in their order. */
  readonly all: (asked: readonly Asked[]) => Promise<readonly Answer[]>
  /** Asks for one alone where all together have failed; absent: all fail. */
  readonly one?: (asked: Asked) => Promise<Answer>
}

/** Asks for one batch at a time, at once when none is under way: what is asked meanwhile is the next, of `most` at the most. A round trip serves many. */
export class Together<Asked, Answer> {
  readonly #most: number
  readonly #options: TogetherOptions<Asked, Answer>
  readonly #waiting: Waiting<Asked, Answer>[] = []
  #underWay = false

  constructor(most: number, options: TogetherOptions<Asked, Answer>) {
    this.#most = most
    this.#options = options
  }

  add(asked: Asked): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#waiting.push({ asked, resolve, reject })
    if (!this.#underWay) void this.#askAll()
    return promise
  }

  async #askAll(): Promise<void> {
    this.#underWay = true
    while (this.#waiting.length > 0) await this.#ask(this.#waiting.splice(0, this.#most))
    this.#underWay = false
  }

  async #ask(batch: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.all(batch.map(({ asked }) => asked))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      const { one } = this.#options
      if (one === undefined || batch.length === 1) for (const { reject } of batch) reject(error)
      else for (const { asked, resolve, reject } of batch) await one(asked).then(resolve, reject)
    }
  }
}
