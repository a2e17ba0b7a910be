import type { Clock } from '../lib/clock.ts'
import type { Gate } from '../lib/gate.ts'
import type { Log } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import { componentNames, isComponent, type ComponentName, type ComponentState } from '../model/component.ts'

/** Where it stands which components are paused, for all servers of a database. */
export interface PausedComponents {
  list(): Promise<readonly string[]>
  pause(names: readonly ComponentName[], now: number): Promise<void>
  unpause(names: readonly ComponentName[]): Promise<void>
  /** Calls back when the list may have changed. */
  onChange(callback: () => void): Promise<() => Promise<void>>
}

/** Pauses what a server does by itself. */
export class Components {
  readonly #store: PausedComponents
  readonly #clock: Clock
  readonly #log: Log
  readonly #ran = new Map<ComponentName, number>()
  #paused: ReadonlySet<ComponentName> = new Set()
  #unlisten: (() => Promise<void>) | undefined

  private constructor(store: PausedComponents, clock: Clock, log: Log) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /** Knows what is paused before any of it begins. */
  static async open(store: PausedComponents, clock: Clock, log: Log): Promise<Components> {
    const components = new Components(store, clock, log)
    await components.#read()
    return components
  }

  readonly gate = (name: ComponentName): Gate => {
    const isOpen = () => !this.#paused.has(name)
    return {
      get open() {
        return isOpen()
      },
      passed: () => void this.#ran.set(name, this.#clock.now()),
    }
  }

  list(): readonly ComponentState[] {
    return componentNames.map((name) => {
      const lastRanAt = this.#ran.get(name)
      return { name, paused: this.#paused.has(name), ...(lastRanAt !== undefined && { lastRanAt }) }
    })
  }

  async pause(names: readonly ComponentName[]): Promise<void> {
    await this.#store.pause(names, this.#clock.now())
    await this.#read()
  }

  async unpause(names: readonly ComponentName[]): Promise<void> {
    await this.#store.unpause(names)
    await this.#read()
  }

  /** Hears of changes by other servers. */
  readonly service: Service = {
    name: 'components',
    start: async () => {
      this.#unlisten ??= await this.#store.onChange(() => {
        this.#read().catch((error: unknown) => this.#log.warn({ err: error, component: 'components' }, 'which components are paused could not be read; what was known before counts'))
      })
      await this.#read()
    },
    stop: async () => {
      await this.#unlisten?.()
      this.#unlisten = undefined
    },
  }

  /** Names that another version of the server paused, and this one does not have, mean nothing. */
  async #read(): Promise<void> {
    this.#paused = new Set((await this.#store.list()).filter(isComponent))
  }
}
