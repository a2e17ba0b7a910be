import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Result } from '../../model/result.ts'

/** Whether nodes can pull images that are artifacts from where they are pushed: tried once for all callers. */
export interface ImageProof {
  /**
   * Why they cannot, and what to do about it; undefined: they can. Who comes while it is tried waits, and `onWait` is told what for. Throws
   * on the caller's abort, and when this is closed.
   */
  refusal(signal: AbortSignal, onWait: (line: string) => void): Promise<string | undefined>
  /** As above, and tries it now, whatever an earlier server found. */
  prove(onWait: (line: string) => void): Promise<string | undefined>
  close(): Promise<void>
}

export interface ImageProofOptions {
  /** The error is one clause. */
  readonly prove: (signal: AbortSignal, tell: (line: string) => void) => Promise<Result<void, string>>
  /** What an earlier server has proved, for callers that accept it. */
  readonly memory: { has(): Promise<boolean>; put(): Promise<void> }
  /** Turns the error into a sentence for the user. */
  readonly words: (cause: string) => string
  /** The proof that all callers wait for. */
  readonly waiting: string
  readonly clock: Clock
}

/** How long a failure counts: afterwards it is tried again, so that a corrected registry needs no restart of the server. */
const believedMs = 60_000

interface Trial {
  readonly answer: Promise<string | undefined>
  readonly listeners: Set<(line: string) => void>
  line: string
  failedAt?: number
  over: boolean
}

export function imageProof({ prove, memory, words, waiting, clock }: ImageProofOptions): ImageProof {
  const closed = new AbortController()
  let trial: Trial | undefined

  function begin(insist: boolean): Trial {
    const listeners: Trial['listeners'] = new Set()
    const tell = (line: string): void => {
      started.line = line
      for (const listener of listeners) listener(line)
    }
    async function work(): Promise<string | undefined> {
      if (!insist && (await memory.has())) return undefined
      tell(waiting)
      const proved = await prove(closed.signal, (line) => tell(`${waiting}: ${line}`))
      if (!proved.ok) return words(proved.error)
      await memory.put().catch(() => undefined)
      return undefined
    }
    const answer = Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        closed.signal.throwIfAborted()
        return words(messageOf(error))
      })
      .then((refused) => {
        started.over = true
        if (refused !== undefined) started.failedAt = clock.now()
        return refused
      })
    const started: Trial = { listeners, line: '', over: false, answer }
    answer.catch(() => undefined) // the waiting callers get the error
    return started
  }

  const current = (): Trial => {
    if (trial?.failedAt !== undefined && clock.now() - trial.failedAt >= believedMs) trial = undefined
    return (trial ??= begin(false))
  }

  async function wait(asked: Trial, signal: AbortSignal, onWait: (line: string) => void): Promise<string | undefined> {
    signal.throwIfAborted()
    if (asked.over) return asked.answer
    if (asked.line !== '') onWait(asked.line)
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    asked.listeners.add(onWait)
    try {
      return await Promise.race([asked.answer, aborted])
    } finally {
      asked.listeners.delete(onWait)
      signal.removeEventListener('abort', abort)
    }
  }

  return {
    refusal: (signal, onWait) => wait(current(), signal, onWait),
    prove: (onWait) => wait((trial = begin(true)), closed.signal, onWait),
    async close() {
      closed.abort(new Error('the server stops'))
      await trial?.answer.catch(() => undefined)
    },
  }
}
