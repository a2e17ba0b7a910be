import { subscribe } from 'node:diagnostics_channel'
import type { App } from '../../../src/app/open-app.ts'
import type { EngineServices } from '../../../src/engine/build-context.ts'
import type { BuildStore } from '../../../src/engine/ports.ts'
import type { Container, RecordSink, Runtime } from '../../../src/runtime/contract.ts'

/** Moments of the build that suite.ts runs, in the order in which it comes to them. */
export const points = [
  'the create call has been sent',
  'the create call is answered, and the answer not read yet',
  'the answer to the create call is known',
  'a supervisor has reported in',
  'an assignment has been sent',
  'the process has started',
  'output has come that is not durable yet',
  'output is durable and not acknowledged yet',
  'a container is prepared ahead',
  'an output is half uploaded',
  'the result has come',
  'the result is durable and not acknowledged yet',
  'the second step is about to begin',
  'the build has ended and its containers are still there',
] as const

export type Point = (typeof points)[number]

/** Where the way to a container is under way itself; elsewhere it makes no difference, and the other transport of the same place is killed there. */
export const wherePathsDiffer: readonly Point[] = [
  'a supervisor has reported in',
  'an assignment has been sent',
  'output has come that is not durable yet',
  'an output is half uploaded',
  'the result is durable and not acknowledged yet',
]

/** The steps' names. */
export const first = 'count'
export const second = 'look'

/** Of the output, and of what is uploaded, so much has come at the points in the middle of them. */
const middleBytes = { output: 5_000, upload: 1_000_000 }

/** The ports of an engine that dies by SIGKILL, as its whole process does, when it passes the point. */
export function deadlyPorts(wanted: Point, app: App): { readonly services: EngineServices; readonly builds: BuildStore } {
  const passed = (point: Point): void => {
    if (point === wanted) process.kill(process.pid, 'SIGKILL')
  }
  watchCreateCalls(passed)
  watchUploads(app, passed)
  return {
    services: { ...app.services, runtime: watchedRuntime(app.services.runtime, passed) },
    builds: watchedBuilds(app.stores.builds, passed),
  }
}

type Passed = (point: Point) => void

/** Calls of the engine or the API server, on the wire: their client says what it does. */
function watchCreateCalls(passed: Passed): void {
  interface Told {
    readonly request: { readonly method: string; readonly path: string }
    readonly response?: { readonly statusCode: number }
  }
  const answered = new WeakSet<object>()
  const on = (event: string, listener: (told: Told) => void): void => {
    subscribe(`undici:request:${event}`, (message) => {
      const told = message as Told
      if (told.request.method === 'POST' && /\/pods(\?|$)|\/containers\/create\?/.test(told.request.path)) listener(told)
    })
  }
  on('bodySent', () => passed('the create call has been sent'))
  on('headers', ({ request, response }) => {
    if (response?.statusCode !== 201) return
    answered.add(request)
    passed('the create call is answered, and the answer not read yet')
  })
  on('trailers', ({ request }) => {
    // Two turns later whoever called has it.
    if (answered.has(request)) setImmediate(() => setImmediate(() => passed('the answer to the create call is known')))
  })
}

function watchUploads({ stores: { artifacts } }: App, passed: Passed): void {
  const put = artifacts.put.bind(artifacts)
  async function* watched(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    let bytes = 0
    for await (const chunk of source) {
      yield chunk
      bytes += chunk.length
      if (bytes > middleBytes.upload) passed('an output is half uploaded')
    }
  }
  Object.assign(artifacts, { put: (...[source, expected]: Parameters<typeof put>) => put(watched(source), expected) })
}

function watchedRuntime(runtime: Runtime, passed: Passed): Runtime {
  const begun = Promise.withResolvers<void>()
  return {
    ...runtime,
    async prepare(spec, options) {
      const { stepName } = spec.metadata
      if (stepName === second && !spec.guess) passed('the second step is about to begin')
      const prepared = await runtime.prepare(spec, options)
      if (!prepared.ok) return prepared
      if (spec.guess) void begun.promise.then(() => passed('a container is prepared ahead'))
      if (stepName !== first) return prepared
      passed('a supervisor has reported in')
      return { ok: true, value: watchedContainer(prepared.value, begun.resolve, passed) }
    },
  }
}

function watchedContainer(container: Container, begun: () => void, passed: Passed): Container {
  return {
    ...container,
    async assign(assignment, sink, signal) {
      const ending = container.assign(assignment, watchedSink(sink, begun, passed), signal)
      setImmediate(() => passed('an assignment has been sent'))
      const result = await ending
      if (!result.ok) return result
      passed('the result has come')
      const settled = (): void => {
        passed('the result is durable and not acknowledged yet')
        result.value.settled()
      }
      return { ok: true, value: { ...result.value, settled } }
    },
  }
}

function watchedSink(sink: RecordSink, begun: () => void, passed: Passed): RecordSink {
  let bytes = 0
  return async (records) => {
    for (const record of records) {
      if (record.kind !== 'event') bytes += record.data.length
      else if (record.event.event === 'started') passed('the process has started')
    }
    if (bytes > middleBytes.output) {
      begun()
      passed('output has come that is not durable yet')
    }
    const acked = await sink(records)
    if (bytes > middleBytes.output) passed('output is durable and not acknowledged yet')
    return acked
  }
}

function watchedBuilds(builds: BuildStore, passed: Passed): BuildStore {
  return {
    onStarted: (...args) => builds.onStarted(...args),
    claim: (...args) => builds.claim(...args),
    renew: (...args) => builds.renew(...args),
    release: (...args) => builds.release(...args),
    onAbort: (...args) => builds.onAbort(...args),
    steps: (...args) => builds.steps(...args),
    containers: (...args) => builds.containers(...args),
    owners: (...args) => builds.owners(...args),
    async commit(...args) {
      const outcome = await builds.commit(...args)
      if (args[3].finish !== undefined) passed('the build has ended and its containers are still there')
      return outcome
    },
  }
}
