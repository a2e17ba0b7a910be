import { Worker } from 'node:worker_threads'

export interface BcryptQuestion {
  readonly id: number
  readonly password: string
  readonly hash: string
}

export interface BcryptAnswer {
  readonly id: number
  readonly matches: boolean
}

export const isBcrypt = (hash: string): boolean => /^\$2[aby]\$/.test(hash)

/** Compares in one thread of its own: on the main one a comparison would hold up all requests for a tenth of a second. */
export class Bcrypt {
  #worker: Worker | undefined
  #lastId = 0
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>()

  verify(password: string, hash: string): Promise<boolean> {
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#lastId
    const answer = Promise.withResolvers<boolean>()
    this.#waiting.set(id, answer)
    worker.postMessage({ id, password, hash } satisfies BcryptQuestion)
    return answer.promise
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#fail(new Error('the server stops'))
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url))
    // It holds no process open that has nothing else to do.
    worker.unref()
    worker.on('message', ({ id, matches }: BcryptAnswer) => {
      this.#waiting.get(id)?.resolve(matches)
      this.#waiting.delete(id)
    })
    const ended = (error: unknown): void => {
      // After close() another one may be at work.
      if (this.#worker === worker) this.#fail(error)
    }
    worker.on('error', ended)
    worker.on('exit', () => ended(new Error('the thread that compares passwords has ended')))
    return worker
  }

  #fail(error: unknown): void {
    this.#worker = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const one of waiting) one.reject(error)
  }
}
