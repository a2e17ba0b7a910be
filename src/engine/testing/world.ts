import { Engine, type BuildEnd } from '../engine.ts'
import type { EngineServices } from '../build-context.ts'
import { eventLine, joinedEventLines, stepNames } from './event-lines.ts'
import { contextOf, fakeServices, planOf, type FakeServices } from './kit.ts'
import { MemoryStore, memoryScope } from './memory-store.ts'

/** A store with one build, and all that an engine needs to run it. */
export class World {
  readonly store = new MemoryStore()
  readonly services: FakeServices
  readonly buildId: number
  readonly names: ReadonlyMap<string, string>
  private readonly waiting = new Set<() => void>()

  constructor(text: string, options: Partial<EngineServices['options']> = {}, services: Partial<Omit<FakeServices, 'options'>> = {}) {
    const planned = planOf(text)
    this.services = fakeServices(options, services)
    this.buildId = this.store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planned, ['secret=hunter2-hunter2', 'name=world']))
    this.names = stepNames(planned.plan)
    const commit = this.store.commit.bind(this.store)
    this.store.commit = async (...args) => {
      const result = await commit(...args)
      for (const look of this.waiting) look()
      return result
    }
  }

  engine(owner = 'server', services: EngineServices = this.services): Engine {
    return new Engine(services, this.store, owner)
  }

  /** From claim to end, containers removed. */
  async run(engine = this.engine()): Promise<BuildEnd['status']> {
    const claimed = await engine.claim(this.buildId)
    if (claimed === undefined) throw new Error('there is no build to claim')
    const { status } = await claimed.end
    await engine.stop()
    return status
  }

  /** Resolves when an event line that begins so is durable. */
  seen(start: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.lines().some((line) => line.startsWith(start))) return
        this.waiting.delete(look)
        resolve()
      }
      this.waiting.add(look)
      look()
    })
  }

  lines(): string[] {
    return this.row.events.map((event) => eventLine(event, this.names))
  }

  joinedLines(): string[] {
    return joinedEventLines(this.row.events, this.names)
  }

  get row() {
    return this.store.row(this.buildId)
  }

  /** Step names of the assignments that were started, in order. */
  started(): string[] {
    return this.services.runtime.started.map(({ spec }) => spec.metadata.stepName)
  }

  left(): string[] {
    return [...this.services.runtime.containers.values()].map(({ spec }) => spec.metadata.stepName)
  }
}

/** Resolves when `condition` holds, looked at after each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    if (turns > 1_000_000) throw new Error('what was waited for did not come')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
