import type { Container, Runtime } from '../../runtime/contract.ts'
import type { BuildStore } from '../ports.ts'

/**
 * A server's life in a test. Points are named and counted as they are passed; at the chosen one the server dies as by kill -9:
 * nothing that it asks for or waits for is ever answered again, while store and runtime live on.
 */
export class Life {
  readonly points: string[] = []
  readonly ended: Promise<void>
  private readonly killAt: (point: string, count: number) => boolean
  private dead = false
  private die: () => void = () => undefined

  constructor(killAt: (point: string, count: number) => boolean = () => false) {
    this.killAt = killAt
    this.ended = new Promise((resolve) => (this.die = resolve))
  }

  /** Resolves at once, or never. */
  async point(name: string): Promise<void> {
    if (!this.dead) {
      this.points.push(name)
      if (this.killAt(name, this.points.length)) {
        this.dead = true
        this.die()
      }
    }
    if (this.dead) await new Promise(() => undefined)
  }

  async during<T>(before: string, work: () => Promise<T>, after: string): Promise<T> {
    await this.point(before)
    const result = await work()
    await this.point(after)
    return result
  }
}

export function mortalStore(store: BuildStore, life: Life): BuildStore {
  return {
    onStarted: (...args) => store.onStarted(...args),
    claim: (...args) => store.claim(...args),
    renew: (...args) => store.renew(...args),
    release: (...args) => store.release(...args),
    onAbort: (...args) => store.onAbort(...args),
    steps: (...args) => store.steps(...args),
    containers: (...args) => store.containers(...args),
    owners: (...args) => store.owners(...args),
    commit: (...args) => life.during('before a commit', () => store.commit(...args), 'after a commit'),
  }
}

export function mortalRuntime(runtime: Runtime, life: Life): Runtime {
  return {
    name: runtime.name,
    capabilities: runtime.capabilities,
    creations: runtime.creations,
    start: () => runtime.start(),
    stop: () => runtime.stop(),
    list: () => life.during('before list', () => runtime.list(), 'after list'),
    remove: (handle) => life.during('before remove', () => runtime.remove(handle), 'after remove'),
    attach: (handle, signal) => runtime.attach(handle, signal),
    prepare: async (spec, options) => {
      const what = spec.guess ? 'a guess' : spec.type
      const made = await life.during(`before ${what} is created`, () => runtime.prepare(spec, options), `after ${what} reported in`)
      return made.ok ? { ok: true, value: mortalContainer(made.value, life) } : made
    },
  }
}

function mortalContainer(container: Container, life: Life): Container {
  return {
    ...container,
    assign: (assignment, sink, signal) =>
      life.during(
        'before assign is sent',
        () => container.assign(assignment, async (records) => life.during('before records', () => sink(records), 'before records are acknowledged'), signal),
        'after exit',
      ),
    release: (options) => life.during('before release', () => container.release(options), 'after release'),
  }
}
