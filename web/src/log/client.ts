import type { Answers, Ask, FromWorker, State, ToWorker } from './protocol.ts'

/** What the client uses of a Worker; tests give another. */
export interface WorkerLike {
  postMessage(message: ToWorker, transfer?: Transferable[]): void
  terminate(): void
  onmessage: ((message: MessageEvent<FromWorker>) => void) | null
}

export interface Surroundings {
  readonly open: () => WorkerLike
  readonly after: (ms: number, call: () => void) => () => void
}

export interface Told {
  readonly state: (state: State, last: number | undefined) => void
  readonly broken: (message: string) => void
  /** The worker was ended since it did not answer: whoever feeds it begins again. */
  readonly reload: () => void
}

/** How long a regex may take. One that backtracks can take for ever in one line, and nothing but the worker's end stops it. */
export const findMs = 2_000

export const tooSlow = 'this regular expression takes too long; the log is loaded again'

interface Open {
  readonly worker: WorkerLike
  readonly answers: Map<number, (answer: unknown) => void>
}

/** The page's side of the log worker. */
export class LogClient {
  readonly #around: Surroundings
  readonly #told: Told
  #open: Open
  #seq = 0
  #closed = false
  /** What is shown, which a new worker must be told. */
  #view: Extract<Ask, { kind: 'view' }> | undefined

  constructor(around: Surroundings, told: Told) {
    this.#around = around
    this.#told = told
    this.#open = this.#start()
  }

  /** `bytes` of the build's event stream; they go over to the worker. */
  feed(bytes: Uint8Array): void {
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
    this.#open.worker.postMessage({ bytes: own }, [own.buffer as ArrayBuffer])
  }

  /** Lines of a step, as its log gives them as ndjson: they are shown until as much of the whole has been read. */
  part(step: string, part: Uint8Array): void {
    this.#open.worker.postMessage({ step, part })
  }

  cut(): void {
    this.#open.worker.postMessage({ cut: true })
  }

  /** Never answered when the worker ends before. */
  ask<K extends Exclude<Ask['kind'], 'find'>>(ask: Extract<Ask, { kind: K }>): Promise<Answers[K]> {
    this.#remember(ask)
    return this.#send<Answers[K]>(ask)
  }

  async find(ask: Omit<Extract<Ask, { kind: 'find' }>, 'kind'>): Promise<Answers['find']> {
    return new Promise((resolve) => {
      const stop = this.#around.after(findMs, () => {
        if (this.#closed) return
        this.#restart()
        resolve({ kind: 'wrong', message: tooSlow })
      })
      void this.#send<Answers['find']>({ kind: 'find', ...ask }).then((found) => {
        stop()
        resolve(found)
      })
    })
  }

  close(): void {
    this.#closed = true
    this.#open.worker.terminate()
    this.#open.answers.clear()
  }

  #remember(ask: Ask): void {
    if (ask.kind === 'view') this.#view = ask
  }

  #send<T>(ask: Ask): Promise<T> {
    const { worker, answers } = this.#open
    const seq = ++this.#seq
    return new Promise<T>((resolve) => {
      answers.set(seq, (answer) => resolve(answer as T))
      worker.postMessage({ seq, ask })
    })
  }

  #restart(): void {
    this.#open.worker.terminate()
    this.#open = this.#start()
    this.#told.reload()
    if (this.#view !== undefined) void this.#send(this.#view)
  }

  #start(): Open {
    const open: Open = { worker: this.#around.open(), answers: new Map() }
    open.worker.onmessage = ({ data }) => {
      if (this.#closed || this.#open !== open) return
      switch (data.kind) {
        case 'answer': {
          const answer = open.answers.get(data.seq)
          open.answers.delete(data.seq)
          answer?.(data.answer)
          break
        }
        case 'state': this.#told.state(data.state, data.last); break
        case 'broken': this.#told.broken(data.message); break
      }
    }
    return open
  }
}
