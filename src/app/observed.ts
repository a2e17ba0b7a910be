import type { Db, Tx } from '../db/db.ts'
import type { ResourceCacheStore } from '../engine/ports.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { withOverrides } from '../lib/with-overrides.ts'
import type { Observe } from '../model/happening.ts'
import type { Runtime } from '../runtime/contract.ts'

/* What is counted where it passes through, so that those who do it know nothing of it. */

export function observedDb(db: Db, observe: Observe): Db {
  const counted = <Q extends Pick<Db, 'query' | 'script'>>(to: Q): Pick<Db, 'query' | 'script'> => ({
    query(sql, params) {
      observe({ kind: 'query' })
      return to.query(sql, params)
    },
    script(sql) {
      observe({ kind: 'query' })
      return to.script(sql)
    },
  })
  return withOverrides(db, { ...counted(db), transaction: (work) => db.transaction((tx: Tx) => work(withOverrides(tx, counted(tx)))) })
}

/** Times how long steps wait for their containers. What is prepared ahead keeps nobody waiting. */
export const observedRuntime = (runtime: Runtime, clock: Clock, observe: Observe): Runtime =>
  withOverrides(runtime, {
    async prepare(spec, options) {
      if (spec.guess) return runtime.prepare(spec, options)
      const step = { team: spec.metadata.team, type: spec.type, tags: spec.tags ?? [] }
      const from = clock.now()
      observe({ kind: 'step-waits', ...step })
      try {
        return await runtime.prepare(spec, options)
      } finally {
        observe({ kind: 'step-waited', ...step, ms: clock.now() - from })
      }
    },
  })

export const observedCaches = (store: ResourceCacheStore, observe: Observe): ResourceCacheStore =>
  withOverrides(store, {
    async get(key, now) {
      const found = await store.get(key, now)
      if (found !== undefined) observe({ kind: 'get-cache-hit' })
      return found
    },
  })

/** Counts errors by their message. */
export const observedLog = (log: Log, observe: Observe): Log => ({
  get level() {
    return log.level ?? 'info'
  },
  set level(level) {
    log.level = level
  },
  debug: (fields, message) => log.debug(fields, message),
  info: (fields, message) => log.info(fields, message),
  warn: (fields, message) => log.warn(fields, message),
  error(fields, message) {
    observe({ kind: 'error-logged', message })
    log.error(fields, message)
  },
})
