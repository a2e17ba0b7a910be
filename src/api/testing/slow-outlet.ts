import type { Outlet } from '../watch/session.ts'

/** An outlet whose client takes nothing until it is told to. */
export abstract class SlowOutlet implements Outlet {
  buffered = 0
  #drained = Promise.withResolvers<void>()
  abstract send(sub: number, rest: Buffer): void
  abstract cut(): void
  drained(): Promise<void> {
    return this.#drained.promise
  }
  take(): void {
    this.buffered = 0
    this.#drained.resolve()
    this.#drained = Promise.withResolvers()
  }
}
