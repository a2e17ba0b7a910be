import { enough, type Clock } from '../lib/clock.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import type { Container, PrepareOptions, Runtime } from '../runtime/contract.ts'
import { needsRoom } from './room.ts'

/** How long a removal gives way at most, ms. */
const patience = 20_000

/**
 * A runtime whose removals give way: while containers are being made ready, those that are done stay idle a little longer. A busy
 * node needs longer for either when it does both, and only for one of them somebody waits. `stopping`: nothing gives way any more.
 */
export function givingWay(runtime: Runtime, clock: Clock, stopping: AbortSignal): Runtime {
  const making = new Set<symbol>()
  let quiet = new AbortController()
  const over = (one: symbol): void => {
    if (!making.delete(one) || making.size > 0) return
    quiet.abort(enough)
    quiet = new AbortController()
  }

  const considerate = (container: Container): Container =>
    withOverrides(container, {
      async release(options) {
        if (options.keep === false && making.size > 0) await clock.sleep(patience, AbortSignal.any([quiet.signal, stopping])).catch(() => undefined)
        await container.release(options)
      },
    })

  return withOverrides(runtime, {
    async prepare(spec, options) {
      const one = Symbol(spec.handle)
      making.add(one)
      const onReason: PrepareOptions['onReason'] = (reason) => {
        // Who waits for room waits for the removals.
        if (needsRoom(reason)) over(one)
        options.onReason(reason)
      }
      try {
        const prepared = await runtime.prepare(spec, { ...options, onReason })
        return prepared.ok ? { ...prepared, value: considerate(prepared.value) } : prepared
      } finally {
        over(one)
      }
    },
  })
}
