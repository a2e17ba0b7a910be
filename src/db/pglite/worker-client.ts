import { Worker } from 'node:worker_threads'
import { DbError } from '../db-error.ts'
import type { Answer, Request, WorkerData } from './messages.ts'

type Unsent<R> = R extends { readonly id: number } ? Omit<R, 'id'> : never
interface Waiting {
  readonly resolve: (answer: { rows: unknown[]; command: string | undefined }) => void
  readonly reject: (error: DbError) => void
}

/** The main thread's end of the worker: requests and their answers, matched by number. */
export class WorkerClient {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly ready: Promise<void>
  #dead: DbError | undefined
  #next = 0

  constructor(dataDir: string, notified: (channel: string, payload: string) => void) {
    const workerData: WorkerData = { dataDir }
    // Flags of the process that started us (a test runner's, say) are not the worker's.
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      execArgv: [],
      name: 'airside-pglite',
      // Limits of the JavaScript heap alone, which PostgreSQL's memory is not part of. Without them garbage is collected late.
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 },
    })
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (answer: Answer) => {
        if (answer.kind === 'ready') resolve()
        else if (answer.kind === 'notified') notified(answer.channel, answer.payload)
        else if (answer.kind === 'unusable') reject(this.#fail(`the embedded database in ${dataDir} does not start: ${answer.message}`))
        else this.#answered(answer)
      })
      this.#worker.on('error', (error) => reject(this.#fail(`the embedded database has died: ${error.message}`)))
      this.#worker.on('exit', (code) => reject(this.#fail(`the embedded database has ended (exit status ${code})`)))
    })
    this.ready.catch(() => undefined)
  }

  request(request: Unsent<Request>): Promise<{ rows: unknown[]; command: string | undefined }> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) return reject(this.#dead)
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...request, id })
    })
  }

  async close(): Promise<void> {
    await this.request({ op: 'close' }).catch(() => undefined)
    this.#fail('the database handle is closed')
    await this.#worker.terminate()
  }

  #answered(answer: Exclude<Answer, { kind: 'ready' | 'unusable' | 'notified' }>): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.kind === 'rows') waiting?.resolve(answer)
    else waiting?.reject(new DbError(answer.error.kind, answer.error.message, answer.error))
  }

  #fail(message: string): DbError {
    this.#dead ??= new DbError('closed', message)
    for (const { reject } of this.#waiting.values()) reject(this.#dead)
    this.#waiting.clear()
    return this.#dead
  }
}
