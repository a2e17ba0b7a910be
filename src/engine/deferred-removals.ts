import { enough, type Clock } from '../lib/clock.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import type { Container, PrepareOptions, Runtime } from '../runtime/contract.ts'
import { lacksCapacity } from './capacity.ts'

/** How long a removal is deferred at most, ms. */
const longestDeferral = 20_000

/**
 * A runtime that defers removals while containers are being made ready: a node that does both takes longer for each, and only the new
 * containers are waited for. `stopping`: removals are not deferred any more.
 */
export function withDeferredRemovals(runtime: Runtime, clock: Clock, stopping: AbortSignal): Runtime {
  const preparing = new Set<symbol>()
  let idle = new AbortController()
  const over = (one: symbol): void => {
    if (!preparing.delete(one) || preparing.size > 0) return
    idle.abort(enough)
    idle = new AbortController()
  }

  const deferring = (container: Container): Container =>
    withOverrides(container, {
      async release(options) {
        if (options.keep === false && preparing.size > 0) await clock.sleep(longestDeferral, AbortSignal.any([idle.signal, stopping])).catch(() => undefined)
        await container.release(options)
      },
    })

  return withOverrides(runtime, {
    async prepare(spec, options) {
      const one = Symbol(spec.handle)
      preparing.add(one)
      const onReason: PrepareOptions['onReason'] = (reason) => {
        // A container that lacks capacity waits for the removals.
        if (lacksCapacity(reason)) over(one)
        options.onReason(reason)
      }
      try {
        const prepared = await runtime.prepare(spec, { ...options, onReason })
        return prepared.ok ? { ...prepared, value: deferring(prepared.value) } : prepared
      } finally {
        over(one)
      }
    },
  })
}
