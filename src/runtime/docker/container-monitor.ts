import type { ContainerLost } from '../contract.ts'
import type { DockerContext } from './context.ts'
import type { Inspection } from './engine/shapes.ts'
import type { Change } from './watch.ts'

/** How a container has ended, as far as the engine says. */
export interface Death {
  readonly removed: boolean
  readonly exitCode?: number
  readonly oomKilled: boolean
  /** Last lines of what the supervisor said. */
  readonly words: string
}

/** A removal kills the container first: how long after its end a removal event is waited for, ms. */
const removalTime = 500

/** How often an engine that answers, and cannot say how the container is, is asked again, and the pause between, ms. */
const looks = 5
const lookPause = 1_000

/** Restarts of a supervisor that was killed while it had an assignment; more look like a loop. */
const revivalsAllowed = 5

/** Follows one container from its creation on, and starts its supervisor again when it was killed in the middle of a step. */
export class ContainerMonitor {
  readonly #context: DockerContext
  readonly #id: string
  readonly #unfollow: () => void
  readonly #death = Promise.withResolvers<Death>()
  #working = 0
  #revivals = 0
  #released = false
  #looking: Promise<void> = Promise.resolve()
  #over = false
  #oomKilled = false

  constructor(context: DockerContext, id: string) {
    this.#context = context
    this.#id = id
    this.#unfollow = context.watch.follow(id, (change) => this.#changed(change))
  }

  /** Resolves when the container has ended for good. */
  get death(): Promise<Death> {
    return this.#death.promise
  }

  get over(): boolean {
    return this.#over
  }

  /** Its supervisor was killed because memory ran out, at least once. */
  get oomKilled(): boolean {
    return this.#oomKilled
  }

  /** While work is under way, a supervisor that was killed is started again: it delivers what it has. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#working++
    try {
      return await work()
    } finally {
      this.#working--
    }
  }

  /** The runtime is removing the container: its end is expected from now on. */
  release(): void {
    this.#released = true
    this.#unfollow()
  }

  /** Inspects the container, for a state that no event has told. */
  look(): Promise<void> {
    this.#changed('ended')
    return this.#looking
  }

  #changed(change: Change): void {
    if (this.#released) return
    if (change === 'removed') return this.#end({ removed: true, oomKilled: false, words: '' })
    this.#looking = this.#looking.then(() => this.#decide()).catch((error: unknown) => this.#context.log.warn({ err: error, component: 'docker', container: this.#id }, 'following a container failed'))
  }

  async #decide(): Promise<void> {
    const first = await this.#inspect()
    if (first === undefined) return
    const words = await this.#context.client.logs(this.#id, 5)
    await Promise.race([this.death, this.#context.clock.sleep(removalTime)])
    // Inspected again: without events this is the only way to notice a removal.
    const found = await this.#inspect()
    if (found === undefined) return
    const { exitCode, oomKilled } = found
    this.#oomKilled ||= oomKilled
    if (this.#working > 0 && this.#revivals < revivalsAllowed) {
      this.#revivals++
      const started = await this.#context.client.start(this.#id)
      if (started.ok) return
    }
    this.#end({ removed: false, exitCode, oomKilled, words: words.ok ? words.value.trim() : '' })
  }

  /** Undefined when the container has not ended, or its end has been handled. */
  async #inspect(): Promise<Inspection | undefined> {
    for (let look = 1; ; look++) {
      if (this.#over || this.#released) return undefined
      const found = await this.#context.client.inspect(this.#id)
      if (this.#over || this.#released) return undefined
      if (found.ok) {
        // The state stays so when the removal was interrupted.
        if (found.value.state === 'removing') this.#changed('removed')
        return found.value.state === 'exited' || found.value.state === 'dead' ? found.value : undefined
      }
      switch (found.error.kind) {
        case 'not-found':
          this.#changed('removed')
          return undefined
        case 'unavailable':
        case 'aborted':
          return undefined // the watch asks again when the engine answers
        case 'conflict':
        case 'refused':
          if (look === looks) {
            this.#end({ removed: false, oomKilled: false, words: `the engine cannot say how it is: ${found.error.message}` })
            return undefined
          }
          await this.#context.clock.sleep(lookPause)
      }
    }
  }

  #end(death: Death): void {
    if (this.#over) return
    this.#over = true
    this.#unfollow()
    this.#death.resolve(death)
  }

  async lost(): Promise<ContainerLost> {
    const death = await this.death
    return { kind: 'lost', message: describeDeath(death), mayStillRun: false }
  }
}

export function describeDeath(death: Death): string {
  if (death.removed) return 'the container was removed from outside'
  const status = death.exitCode === undefined ? '' : ` (exit status ${death.exitCode})`
  const words = death.words === '' ? '' : `: ${death.words.split('\n').join(' · ')}`
  return death.oomKilled ? `the container was killed: out of memory${words}` : `the container has ended${status}${words}`
}
