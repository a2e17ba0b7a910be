import type { ChildProcess } from 'node:child_process'

/*
 * Calls from one process to another over Node's channel between them. A call may be aborted, and may call back; what calls back waits for its answer.
 * When the caller is killed, its calls go on unheard.
 */

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'result'; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly kind: 'back'; readonly id: number; readonly back: number; readonly value: readonly unknown[] }
  | { readonly kind: 'answer'; readonly back: number; readonly value: unknown }

type CallBack = (...values: readonly never[]) => unknown

export interface Call {
  readonly signal?: AbortSignal
  readonly onBack?: CallBack
}

/** The caller's side, in the process that was forked. */
export class Caller {
  readonly #open = new Map<number, { readonly end: PromiseWithResolvers<unknown>; readonly onBack: CallBack | undefined }>()
  #calls = 0

  constructor() {
    process.on('message', (message: Message) => void this.#take(message))
  }

  call(method: string, args: readonly unknown[], { signal, onBack }: Call = {}): { readonly id: number; readonly result: Promise<unknown> } {
    this.#calls++
    const id = this.#calls
    const end = Promise.withResolvers<unknown>()
    this.#open.set(id, { end, onBack })
    const abort = (): void => this.#send({ kind: 'abort', id })
    this.#send({ kind: 'call', id, method, args })
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    return { id, result: end.promise.finally(() => signal?.removeEventListener('abort', abort)) }
  }

  #send(message: Message): void {
    if (process.connected) process.send?.(message)
  }

  async #take(message: Message): Promise<void> {
    const call = message.kind === 'result' || message.kind === 'back' ? this.#open.get(message.id) : undefined
    if (call === undefined) return
    if (message.kind === 'result') {
      this.#open.delete(message.id)
      if (message.error === undefined) call.end.resolve(message.value)
      else call.end.reject(new Error(message.error))
    } else if (message.kind === 'back') {
      const value = await call.onBack?.(...(message.value as never[]))
      this.#send({ kind: 'answer', back: message.back, value })
    }
  }
}

export interface Asked {
  readonly id: number
  readonly signal: AbortSignal
  back(...value: readonly unknown[]): Promise<unknown>
}

/** Answers the calls of a forked process. */
export function answerCalls(child: ChildProcess, handle: (method: string, args: readonly never[], asked: Asked) => Promise<unknown>): void {
  const aborts = new Map<number, AbortController>()
  const backs = new Map<number, (value: unknown) => void>()
  let count = 0
  const send = (message: Message): void => void (child.connected && child.send(message, () => undefined))
  child.on('message', (message: Message) => {
    switch (message.kind) {
      case 'call': {
        const abort = new AbortController()
        aborts.set(message.id, abort)
        const { id } = message
        const back = (...value: readonly unknown[]): Promise<unknown> =>
          new Promise((resolve) => {
            count++
            backs.set(count, resolve)
            send({ kind: 'back', id, back: count, value })
          })
        handle(message.method, message.args as readonly never[], { id, signal: abort.signal, back })
          .then(
            (value) => send({ kind: 'result', id, value }),
            (error: unknown) => send({ kind: 'result', id, error: String(error) }),
          )
          .finally(() => aborts.delete(id))
        return
      }
      case 'abort':
        return aborts.get(message.id)?.abort()
      case 'answer':
        backs.get(message.back)?.(message.value)
        return void backs.delete(message.back)
      default:
    }
  })
}
