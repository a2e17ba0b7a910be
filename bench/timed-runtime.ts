import { withOverrides } from '../src/lib/with-overrides.ts'
import type { Container, Runtime } from '../src/runtime/contract.ts'

/** When things happened to the container of one step: performance.now. */
export interface StepMarks {
  readonly handle: string
  readonly buildId: number
  readonly stepName: string
  asked: number
  ready?: number
  assigned?: number
  firstOutput?: number
  lastOutput?: number
  result?: number
}

export interface TimedRuntime {
  readonly runtime: Runtime
  /** Marks of one build's steps, in the order in which their containers were asked for; forgets them. */
  readonly take: (buildId: number) => StepMarks[]
  /** Resolves when every container that was released is gone. */
  readonly quiet: () => Promise<void>
}

/** Looks at a runtime's calls from outside; changes nothing. */
export function timed(runtime: Runtime): TimedRuntime {
  const steps = new Map<string, StepMarks>()
  const releases = new Set<Promise<void>>()
  const tracked = (removal: Promise<void>): Promise<void> => {
    const known = removal.catch(() => undefined).finally(() => releases.delete(known))
    releases.add(known)
    return removal
  }
  const watched = (container: Container, marks: StepMarks): Container => withOverrides(container, {
    release: (options) => tracked(container.release(options)),
    async assign(assignment, sink, signal) {
      marks.assigned ??= performance.now()
      const result = await container.assign(
        assignment,
        (records) => {
          if (records.some(({ kind }) => kind !== 'event')) {
            marks.lastOutput = performance.now()
            marks.firstOutput ??= marks.lastOutput
          }
          return sink(records)
        },
        signal,
      )
      marks.result = performance.now()
      return result
    },
  })
  return {
    runtime: withOverrides(runtime, {
      remove: (handle) => tracked(runtime.remove(handle)),
      async prepare(spec, options) {
        const { buildId, stepName } = spec.metadata
        const marks = steps.get(spec.handle) ?? { handle: spec.handle, buildId, stepName, asked: performance.now() }
        steps.set(spec.handle, marks)
        const prepared = await runtime.prepare(spec, options)
        marks.ready ??= performance.now()
        return prepared.ok ? { ok: true, value: watched(prepared.value, marks) } : prepared
      },
    }),
    take(buildId) {
      const mine = [...steps].filter(([, marks]) => marks.buildId === buildId)
      for (const [handle] of mine) steps.delete(handle)
      return mine.map(([, marks]) => marks)
    },
    async quiet() {
      while (releases.size > 0) await Promise.all(releases)
    },
  }
}
