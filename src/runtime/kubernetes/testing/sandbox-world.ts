import { afterEach, beforeEach } from 'vitest'
import { systemClock, type Clock } from '../../../lib/clock.ts'
import { silentLog } from '../../../lib/log.ts'
import type { ContainerSpec, PrepareOptions } from '../../contract.ts'
import { createKubernetesRuntime, type KubernetesRuntime } from '../runtime.ts'
import { startFakeApi, type FakeApi } from './fake-api.ts'
import { fakeRendezvous, type FakeRendezvous } from './fake-rendezvous.ts'
import { condition, container } from './pods.ts'
import { someSpec } from './specs.ts'

/** What each test of sandboxes has anew: an API, and a runtime that may have two sandboxes. */
interface SandboxWorld {
  /** Moves the clock. */
  ahead: number
  api: FakeApi
  rendezvous: FakeRendezvous
  runtime: KubernetesRuntime
  /** What the runtime has logged. */
  said: string[]
}

/** Call it once, outside of tests. */
export function sandboxWorld() {
  const world = {} as SandboxWorld
  /** Moved by a test; pauses end at once, but those of a minute and more not until then. */
  const clock: Clock = { now: () => Date.now() + world.ahead, sleep: (ms, signal) => systemClock.sleep(ms < 3_000 ? Math.min(ms, 5) : ms, signal) }

  function create(warmSandboxes: number): KubernetesRuntime {
    world.rendezvous = fakeRendezvous()
    const log = { ...silentLog, debug: (_about: object, message?: string) => void world.said.push(message ?? '') }
    return createKubernetesRuntime({ access: world.api.access, namespace: 'ci', installation: 'demo', rendezvous: world.rendezvous, supervisorImage: 'r.io/supervisor:1', warmSandboxes, clock, log: log as typeof silentLog })
  }
  beforeEach(async () => {
    world.ahead = 0
    world.said = []
    world.api = await startFakeApi()
    world.runtime = create(2)
    await world.runtime.start()
  })
  afterEach(async () => {
    await world.runtime.stop()
    await world.api.stop()
  })

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve))
  }
  let handles = 0
  const step = (changes: Partial<ContainerSpec> = {}): ContainerSpec => someSpec({ handle: `step-${++handles}`, limits: {}, ...changes })
  const start = (spec: ContainerSpec, options: Partial<PrepareOptions> = {}) => world.runtime.prepare(spec, { signal: new AbortController().signal, onReason: () => undefined, ...options })
  async function prepare(spec: ContainerSpec = step(), options: Partial<PrepareOptions> = {}) {
    const prepared = start(spec, options)
    await until(() => world.rendezvous.expected.get(spec.handle)?.uid() !== undefined)
    world.rendezvous.expected.get(spec.handle)?.report()
    return prepared
  }
  const label = (name: string, key: string): string | undefined => (world.api.objects.get(name)?.metadata['labels'] as Record<string, string> | undefined)?.[`airside.dev/${key}`]
  const sandboxes = (): string[] => [...world.api.objects.keys()].filter((name) => label(name, 'sandbox') === 'warm')
  const writes = (method: string, path: RegExp) => world.api.calls.filter((call) => call.method === method && path.test(call.path))
  const resume = (name: string, status: object) => world.api.put(name, { ...world.api.objects.get(name), status })
  const runs = (name: string) => resume(name, { phase: 'Running', conditions: [condition('PodScheduled', 'True')], containerStatuses: [container({ running: {} }, { containerID: `containerd://${name}` })] })

  /** So many sandboxes run, and the runtime knows it. */
  async function warmed(count = 1, of = step): Promise<readonly string[]> {
    for (let n = 0; n < count; n += 1) await prepare(of())
    const running = new Set<string>()
    await until(() => {
      // The next one is made when this one runs.
      for (const name of sandboxes().filter((one) => !running.has(one))) {
        running.add(name)
        runs(name)
      }
      return running.size === count
    })
    // The watch is in order: what is put last comes last.
    const last = world.api.put('last', { metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/container': `last-${++handles}`, 'airside.dev/type': 'task' } } })
    await until(() => world.api.objects.has(last.metadata.name))
    const seen = `last-${handles}`
    for (;;) {
      if ((await world.runtime.list()).some(({ handle }) => handle === seen)) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    world.api.remove('last')
    return sandboxes()
  }

  return { world, clock, create, until, step, start, prepare, label, sandboxes, writes, resume, runs, warmed }
}
