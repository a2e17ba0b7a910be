import type { CheckUse } from '../engine/ports.ts'
import type { Container, InterceptedProcess, Interception, InterceptOptions } from '../runtime/contract.ts'

/** A check's container that somebody may enter. */
export interface EnterableCheck {
  readonly handle: string
  /** What checks in it were about: resources and types of one team with the same config. The latest first. */
  readonly uses: readonly CheckUse[]
}

interface Enterable {
  readonly container: Container
  readonly uses: readonly CheckUse[]
  sessions: number
  entered: boolean
}

/** Of each container, so many are remembered. */
const mostUses = 100

/** Containers of checks, what the checks were about, and who is in them. */
export class EnteredContainers {
  readonly #containers = new Map<string, Enterable>()
  readonly #onLeft: (handle: string) => void

  /** `onLeft`: told when nobody is in a container any more. */
  constructor(onLeft: (handle: string) => void) {
    this.#onLeft = onLeft
  }

  add(container: Container, use: CheckUse): void {
    const { uses = [], sessions = 0, entered = false } = this.#containers.get(container.handle) ?? {}
    const others = uses.filter(({ pipelineId, name }) => pipelineId !== use.pipelineId || name !== use.name)
    this.#containers.set(container.handle, { container, uses: [use, ...others].slice(0, mostUses), sessions, entered })
  }

  forget(handle: string): void {
    this.#containers.delete(handle)
  }

  /** Whether somebody is in it. */
  is(handle: string): boolean {
    return (this.#containers.get(handle)?.sessions ?? 0) > 0
  }

  /** Whether somebody is or was in it. */
  was(handle: string): boolean {
    return this.#containers.get(handle)?.entered === true
  }

  list(): readonly EnterableCheck[] {
    return [...this.#containers].map(([handle, { uses }]) => ({ handle, uses }))
  }

  enter(handle: string, process: InterceptedProcess, options: InterceptOptions): Interception | undefined {
    const entered = this.#containers.get(handle)
    if (entered === undefined) return undefined
    this.#count(handle, 1)
    const interception = entered.container.intercept(process, options)
    void interception.result.then(() => this.#count(handle, -1))
    return interception
  }

  #count(handle: string, change: 1 | -1): void {
    const entered = this.#containers.get(handle)
    if (entered === undefined) return
    entered.entered = true
    entered.sessions += change
    if (entered.sessions === 0) this.#onLeft(handle)
  }
}
