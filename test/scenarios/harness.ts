import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineServices } from '../../src/engine/build-context.ts'
import { Engine } from '../../src/engine/engine.ts'
import { fakePipelines } from '../../src/engine/testing/fake-pipelines.ts'
import { withoutPrivileged } from '../../src/engine/privileged.ts'
import { withTags } from '../../src/engine/tags.ts'
import { eventLine, stepNames } from '../../src/engine/testing/event-lines.ts'
import { contextOf, fakeServices, filesOf, planOf, type FakeServices } from '../../src/engine/testing/kit.ts'
import { MemoryStore, memoryScope } from '../../src/engine/testing/memory-store.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { FakeRuntime } from '../../src/runtime/fake/runtime.ts'

const folder = import.meta.dirname

export interface Scenario {
  readonly store: MemoryStore
  readonly services: FakeServices
  readonly buildId: number
  readonly names: ReadonlyMap<string, string>
}

/** Reads a scenario's pipeline and plans its first job; every get has the version `{ref: v1}`. */
export async function prepareScenario(file: string, options: Partial<EngineServices['options']> = {}): Promise<Scenario> {
  const text = await readFile(join(folder, file), 'utf8')
  const planned = planOf(text, file)
  const store = new MemoryStore()
  const services = fakeServices(options, {
    runtime: new FakeRuntime({ nativeImageFetch: !text.includes('#! no native images') }),
    ...(text.includes('#! no server') && { pipelines: fakePipelines(systemClock, { server: false }).setter }),
    artifacts: filesOf((path) => readFile(join(folder, 'files', path)).catch(() => undefined)),
  })
  const buildId = store.insertStarted({ kind: 'job', scope: memoryScope }, contextOf(planned, ['secret=hunter2-hunter2', 'name=world']))
  return { store, services, buildId, names: stepNames(planned.plan) }
}

/** Runs it; `abort when: EVENT STEP` in the file aborts the build as soon as that event is there. */
export async function runScenario(scenario: Scenario, text = ''): Promise<void> {
  const { store, services, buildId, names } = scenario
  const when = /^#! abort when: (.*)$/m.exec(text)?.[1]
  const commit = store.commit.bind(store)
  store.commit = async (...args) => {
    const result = await commit(...args)
    const seen = (args[3].events ?? []).some((event) => eventLine(event, names).startsWith(when ?? '\0'))
    if (seen) void store.requestAbort(buildId, 0)
    return result
  }
  const engine = new Engine(text.includes('#! not privileged, no tags') ? { ...services, runtime: withTags(withoutPrivileged(services.runtime), new Set()) } : services, store, 'test')
  const claimed = await engine.claim(buildId)
  if (claimed === undefined) throw new Error('there is no build to claim')
  await claimed.end
  await engine.stop()
}

export function eventLines({ store, buildId, names }: Scenario): string[] {
  return store.row(buildId).events.map((event) => eventLine(event, names))
}
