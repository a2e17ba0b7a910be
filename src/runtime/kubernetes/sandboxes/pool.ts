import { randomBytes } from 'node:crypto'
import { atMost } from '../../../lib/at-most.ts'
import { periodic } from '../../../lib/service.ts'
import { describeApiError, mayHaveHappened } from '../client/api-error.ts'
import { podContext, record } from '../create.ts'
import type { Parts } from '../parts.ts'
import { situationOf } from '../situation.ts'
import { statusOf } from '../step-status.ts'
import { fits, fitting, kindFor, type SandboxKind } from './kind.ts'
import { planSandboxes, type Need } from './plan.ts'
import { sandboxPod } from './sandbox-pod.ts'
import type { Sandboxes } from './sandboxes.ts'
import { takeSandbox } from './take.ts'

interface Waiting {
  readonly name: string
  readonly uid: string
  readonly kind: SandboxKind
  readonly madeAt: number
  ready: boolean
  readonly unfollow: () => void
}

const mostNeeds = 100
/** One that ends by itself soon is not taken. */
const marginMs = 60_000
const idleSeconds = 600
const tidyMs = 60_000
/** How long none are made after capacity was lacking, and after one could not be made or did not start. */
const capacityPauseMs = 120_000
const faultPauseMs = 600_000
const refusedMs = 6 * 3_600_000
const stopMs = 3_000

export function createSandboxes(parts: Omit<Parts, 'sandboxes'>): Sandboxes {
  const { settings, api, pods, remover, secrets } = parts
  const { clock, log, warmSandboxes: limit } = settings
  const lifeMs = (settings.supervisorSettings.idleSeconds ?? idleSeconds) * 1000 - marginMs
  const waiting = new Map<string, Waiting>()
  const needs: Need[] = []
  let pausedUntil = 0
  let resizes = true
  let stopped = false
  let allowed: Promise<boolean> | undefined
  let work = Promise.resolve()

  const say = (message: string, why: string): void => log.debug({ component: 'warm-sandboxes', why }, message)
  const pause = (ms: number): void => void (pausedUntil = Math.max(pausedUntil, clock.now() + ms))
  const makes = (): boolean => !stopped && clock.now() >= pausedUntil

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

  function forget(one: Waiting): void {
    waiting.delete(one.uid)
    one.unfollow()
  }
  async function drop(one: Waiting): Promise<void> {
    forget(one)
    await remover.request(one.name, one.uid, 0).catch(() => {})
  }

  async function make(kind: SandboxKind): Promise<void> {
    const name = `airside-sandbox-${randomBytes(6).toString('hex')}`
    const pullSecrets = kind.pullPolicy === 'Always' ? await secrets.names(name) : []
    const answer = await api.createPod(sandboxPod(name, kind, podContext(parts, { pullSecrets, tagLabels: {} })))
    if (!answer.ok) {
      if (mayHaveHappened(answer.error)) await remover.request(name, undefined, 0).catch(() => {})
      pause(capacityPauseMs)
      return say('making a warm sandbox failed', describeApiError(answer.error))
    }
    const uid = answer.value.metadata?.uid ?? ''
    pods.created(answer.value)
    const one: Waiting = { name, uid, kind, madeAt: clock.now(), ready: false, unfollow: pods.follow(uid, () => look(uid)) }
    waiting.set(uid, one)
    // Capacity was lacking, or the server was stopped, while it was being made.
    if (!makes()) await drop(one)
  }

  function look(uid: string): void {
    const one = waiting.get(uid)
    if (one === undefined) return
    const pod = pods.byUid(uid)
    if (pod === undefined) {
      if (pods.ghost(uid) === undefined) return
      forget(one)
      return pause(capacityPauseMs)
    }
    const situation = situationOf(pod, pods.warnings(uid), settings.supervisorImage)
    switch (situation.kind) {
      case 'running': {
        const status = statusOf(pod)
        // Of one that was started again, as after a node's restart, it could not be told how often its step's container was.
        if ((status?.restartCount ?? 0) > 0) return void drop(one)
        if (one.ready || status?.containerID === undefined) return
        one.ready = true
        return log.debug({ component: 'warm-sandboxes', pod: one.name }, 'a warm sandbox waits for a step')
      }
      case 'waiting':
        return
      case 'unschedulable':
        // No node is bought for a sandbox.
        pause(capacityPauseMs)
        break
      case 'ending':
        pause(capacityPauseMs)
        return void drop(one)
      case 'exited':
      case 'pull-failing':
      case 'start-failing':
      case 'sandbox-failing':
      case 'no-user-namespaces':
        pause(faultPauseMs)
    }
    say('a warm sandbox could not be started', situation.message)
    void drop(one)
  }

  async function adjust(): Promise<void> {
    for (const one of waiting.values()) if (clock.now() - one.madeAt > lifeMs) await drop(one)
    if (!makes() || needs.length === 0 || !(await mayPatch())) return
    const { make: wanted, remove } = planSandboxes({ needs, waiting: [...waiting.values()], limit, now: clock.now() })
    for (const one of waiting.values()) if (remove.includes(one.name)) await drop(one)
    for (const kind of wanted) if (makes()) await make(kind)
  }
  function refill(): void {
    if (limit > 0) work = work.then(adjust).catch((error: unknown) => log.warn({ err: error, component: 'warm-sandboxes' }, 'adjusting warm sandboxes failed'))
  }

  const tidy = periodic({
    name: 'warm sandboxes', clock, log, everyMs: tidyMs, firstAfterMs: tidyMs, stopMs: 0,
    run: () => {
      refill()
      return work
    },
  })

  return {
    refill,
    start: () => (limit > 0 ? void tidy.start() : undefined),
    async take(spec) {
      const kind = limit === 0 || stopped ? undefined : kindFor(spec)
      if (kind === undefined) return undefined
      const size = fitting(spec, settings)
      if (size.kind === 'too-large' || (size.kind === 'resize' && !resizes)) return undefined
      needs.push({ kind, at: clock.now() })
      if (needs.length > mostNeeds) needs.shift()
      const one = [...waiting.values()].find((candidate) => candidate.ready && fits(candidate.kind, kind) && clock.now() - candidate.madeAt < lifeMs)
      if (one === undefined) return undefined
      // From here on nobody else in this process takes it.
      forget(one)
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
          for (const other of waiting.values()) void drop(other)
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
      const all = [...waiting.values()]
      for (const one of all) forget(one)
      await Promise.all(all.map(({ name, uid }) => remover.remove(name, uid, 0).catch(() => {})))
      return all.length > 0
    },
    async stop() {
      stopped = true
      await tidy.stop()
      const ended = work.then(() => Promise.all([...waiting.values()].map(drop)))
      if (limit > 0) await atMost(clock, stopMs, ended)
    },
  }
}
