import { atMost } from '../../../lib/at-most.ts'
import { Later } from '../../../lib/later.ts'
import { periodic } from '../../../lib/service.ts'
import { record } from '../create.ts'
import type { Parts } from '../parts.ts'
import { fits, fitting, kindFor } from './kind.ts'
import { createLull } from './lull.ts'
import { planSandboxes, type Need } from './plan.ts'
import type { Sandboxes } from './sandboxes.ts'
import { takeSandbox } from './take.ts'
import { capacityPauseMs, WaitingPods } from './waiting-pods.ts'

const mostNeeds = 100
/** One that ends by itself soon is not taken. */
const marginMs = 60_000
const idleSeconds = 600
const tidyMs = 60_000
const refusedMs = 6 * 3_600_000
const stopMs = 3_000

export function createSandboxes(parts: Omit<Parts, 'sandboxes'>): Sandboxes {
  const { settings, api, pods, remover } = parts
  const { clock, log, warmSandboxes: limit } = settings
  const lifeMs = (settings.supervisorSettings.idleSeconds ?? idleSeconds) * 1000 - marginMs
  const needs: Need[] = []
  let pausedUntil = 0
  let resizes = true
  let stopped = false
  let allowed: Promise<boolean> | undefined
  let work = Promise.resolve()
  let queued = false

  const say = (message: string, why: string): void => log.debug({ component: 'warm-sandboxes', why }, message)
  const later = new Later(clock)
  function pause(ms: number): void {
    pausedUntil = Math.max(pausedUntil, clock.now() + ms)
    refillAfterPause()
  }
  /** The periodic run would notice the end of a short pause only after a minute. */
  function refillAfterPause(): void {
    if (stopped) return
    later.plan('refill', pausedUntil, () => (makes() ? refill() : refillAfterPause()))
  }
  const makes = (): boolean => !stopped && clock.now() >= pausedUntil
  const lull = createLull(clock)
  const waiting = new WaitingPods(parts, { lull, pause, makes })

  /** A Role from before sandboxes does not grant it: then there are none. */
  function mayPatch(): Promise<boolean> {
    allowed ??= Promise.all([api.mayI({ verb: 'patch', resource: 'pods' }), api.mayI({ verb: 'patch', resource: 'pods', subresource: 'resize' })]).then(([patch, resize]) => {
      if (!patch.ok) {
        allowed = undefined
        return false
      }
      resizes = resize.ok && resize.value.status?.allowed === true
      const may = patch.value.status?.allowed === true
      if (!may) say('no warm sandboxes: the server may not patch pods; deploy/rbac.yaml grants it', 'forbidden')
      return may
    })
    return allowed
  }

  async function adjust(): Promise<void> {
    for (const one of waiting.all()) if (clock.now() - one.madeAt > lifeMs) await waiting.drop(one)
    if (!makes() || needs.length === 0 || !(await mayPatch())) return
    for (;;) {
      await lull.next()
      if (!makes()) return
      const { make: wanted, remove } = planSandboxes({ needs, waiting: waiting.all(), limit, now: clock.now() })
      for (const one of waiting.all()) if (remove.includes(one.name)) await waiting.drop(one)
      const [kind] = wanted
      if (kind === undefined) return
      if (makes()) await waiting.make(kind)
    }
  }
  function refill(): void {
    if (limit === 0 || queued) return
    queued = true
    const run = (): Promise<void> => {
      queued = false
      return adjust()
    }
    work = work.then(run).catch((error: unknown) => log.warn({ err: error, component: 'warm-sandboxes' }, 'adjusting warm sandboxes failed'))
  }

  const tidy = periodic({
    name: 'warm sandboxes', clock, log, everyMs: tidyMs, firstAfterMs: tidyMs, stopMs: 0,
    run: () => {
      refill()
      return work
    },
  })

  return {
    preparing() {
      const ended = lull.begin()
      return () => {
        ended()
        refill()
      }
    },
    start: () => (limit > 0 ? void tidy.start() : undefined),
    async take(spec) {
      const kind = limit === 0 || stopped ? undefined : kindFor(spec)
      if (kind === undefined) return undefined
      const size = fitting(spec, settings)
      if (size.kind === 'too-large' || (size.kind === 'resize' && !resizes)) return undefined
      needs.push({ kind, at: clock.now() })
      if (needs.length > mostNeeds) needs.shift()
      const one = waiting.all().find((candidate) => candidate.ready && fits(candidate.kind, kind) && clock.now() - candidate.madeAt < lifeMs)
      if (one === undefined) return undefined
      // From here on nobody else in this process takes it.
      waiting.forget(one)
      pods.taken(one.uid)
      const taken = await takeSandbox(parts, one.uid, spec)
      if (taken.ok) {
        record(parts, spec)
        pods.created(taken.value)
        log.debug({ component: 'warm-sandboxes', pod: one.name, container: spec.handle }, 'a step takes a warm sandbox')
        return { name: one.name, uid: one.uid }
      }
      switch (taken.error.kind) {
        case 'gone':
          return undefined
        case 'no-resize':
          resizes = false
          say('steps with limits take no warm sandboxes: the cluster refuses to resize pods', taken.error.message)
          break
        case 'refused':
          pause(refusedMs)
          say('no warm sandboxes: the cluster does not let the image of a pod be changed', taken.error.message)
          for (const other of waiting.all()) void waiting.drop(other)
          break
        case 'spoiled':
          say('a warm sandbox could not be taken', taken.error.message)
      }
      await remover.request(one.name, one.uid, 0).catch(() => {})
      return undefined
    },
    async giveWay() {
      if (limit === 0) return false
      pause(capacityPauseMs)
      const all = waiting.all()
      for (const one of all) waiting.forget(one)
      await Promise.all(all.map(({ name, uid }) => remover.remove(name, uid, 0).catch(() => {})))
      return all.length > 0
    },
    async stop() {
      stopped = true
      later.cancelAll()
      lull.stop()
      await tidy.stop()
      const ended = work.then(() => Promise.all(waiting.all().map((one) => waiting.drop(one))))
      if (limit > 0) await atMost(clock, stopMs, ended)
    },
  }
}
