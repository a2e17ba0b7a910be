import type { Clock } from '../../lib/clock.ts'
import { Wakeup } from '../../lib/wakeup.ts'
import type { Principal } from '../../auth/roles.ts'
import type { EventSink } from '../events/hub.ts'
import type { ApiServices, Caller } from '../request.ts'
import { allow, audienceKey, type Allowed, type Audience, type Refusal } from './allow.ts'
import { parseTopic, type ListTopic, type Topic } from './topic.ts'
import type { View } from './view.ts'
import type { Views } from './views.ts'

/** A connection to a page. */
export interface Outlet {
  /** The rest of a message behind its `{"sub":N,`. */
  send(sub: number, rest: Buffer): void
  /** Events of a build; absent: this connection has none. */
  sendEvents?(sub: number, frames: Buffer): void
  /** Bytes that the client has not taken. */
  readonly buffered: number
  /** Resolves when some have been taken, or nobody takes any more. */
  drained(): Promise<void>
  /** The page has to come back, perhaps to another server. */
  cut(): void
}

export const mostSubscriptions = 64
export const mostBuffered = 1024 * 1024
export const recheckMs = 60_000

interface Subscription {
  readonly sub: number
  readonly topic: Topic
  /** What the client has. */
  rev: string | undefined
  audience: string
  /** Of a build that it follows by its events. */
  pipelineId: number | undefined
  /** Whether it is being decided on again for a change of the pipeline, and for one that came meanwhile. */
  checking: 'no' | 'once' | 'again'
  follow: { readonly view: View; readonly leave: () => void } | undefined
  readonly stop: AbortController
}

/** What one page follows. Decides again each minute, and when teams or logins change, whether it still may. */
export class Session {
  readonly #services: ApiServices
  readonly #views: Views
  readonly #outlet: Outlet
  readonly #caller: Caller
  readonly #subscriptions = new Map<number, Subscription>()
  #principal: Principal
  #draining = false

  constructor(services: ApiServices, views: Views, outlet: Outlet, caller: Caller) {
    this.#services = services
    this.#views = views
    this.#outlet = outlet
    this.#caller = caller
    this.#principal = caller.principal
  }

  async subscribe(sub: number, text: string, rev: string | undefined): Promise<void> {
    this.unsubscribe(sub)
    const topic = parseTopic(text)
    if (topic === undefined || (topic.kind === 'events' && this.#outlet.sendEvents === undefined)) return this.#refuse(sub, 400)
    if (this.#subscriptions.size >= mostSubscriptions) return this.#refuse(sub, 429)
    const subscription: Subscription = { sub, topic, rev, audience: '', pipelineId: undefined, checking: 'no', follow: undefined, stop: new AbortController() }
    this.#subscriptions.set(sub, subscription)
    const decided = await this.#decide(topic)
    if (subscription.stop.signal.aborted) return
    if (!decided.ok) return this.#end(subscription, decided.error)
    subscription.audience = audienceKey(decided.audience)
    subscription.pipelineId = decided.pipelineId
    if (topic.kind === 'events') void this.#follow(subscription, topic)
    else this.#join(subscription, topic, decided.audience)
  }

  unsubscribe(sub: number): void {
    const subscription = this.#subscriptions.get(sub)
    if (subscription === undefined) return
    this.#subscriptions.delete(sub)
    subscription.stop.abort()
    subscription.follow?.leave()
  }

  /** Whether the caller may still follow all of it. */
  async recheck(): Promise<void> {
    this.#principal = await this.#caller.again()
    for (const subscription of [...this.#subscriptions.values()]) await this.#decideAgain(subscription)
  }

  /** A pipeline or one of its jobs may be hidden now: logs that are followed without a role are decided on again. Lists are read again by their views. */
  async pipelineChanged(id: number): Promise<void> {
    const concerned = [...this.#subscriptions.values()].filter(({ topic, audience, pipelineId }) => topic.kind === 'events' && audience !== 'member' && pipelineId === id)
    await Promise.all(concerned.map((subscription) => this.#checkAgain(subscription)))
  }

  /** Builds of a busy pipeline change it often: of changes during a decision the last one alone counts. */
  async #checkAgain(subscription: Subscription): Promise<void> {
    if (subscription.checking !== 'no') {
      subscription.checking = 'again'
      return
    }
    try {
      do {
        subscription.checking = 'once'
        await this.#decideAgain(subscription)
      } while ((subscription.checking as Subscription['checking']) === 'again')
    } finally {
      subscription.checking = 'no'
    }
  }

  /** Rechecks each minute until the page has gone. */
  async rechecking(clock: Clock, gone: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(recheckMs, gone).catch(() => undefined)
      if (gone.aborted) return
      // A database that does not answer for the moment takes nobody's page away.
      await this.recheck().catch((error: unknown) => this.#services.log.error({ err: error, component: 'watch' }, 'whether a page may still follow its topics was not found out; it is asked again in a minute'))
    }
  }

  close(): void {
    for (const sub of [...this.#subscriptions.keys()]) this.unsubscribe(sub)
  }

  /** A decision for roles that the caller no longer has would undo the one that a recheck has made since. */
  async #decide(topic: Topic): Promise<Allowed> {
    for (;;) {
      const principal = this.#principal
      const decided = await allow(this.#services, principal, topic)
      if (principal === this.#principal) return decided
    }
  }

  async #decideAgain(subscription: Subscription): Promise<void> {
    const { topic, stop } = subscription
    const decided = await this.#decide(topic)
    if (stop.signal.aborted) return
    // Whoever could see a build is told that it is gone, and may keep what the page shows.
    if (!decided.ok) return this.#end(subscription, decided.missingBuild === true ? 410 : decided.error)
    const key = audienceKey(decided.audience)
    const changed = key !== subscription.audience
    subscription.audience = key
    if (topic.kind === 'events') return
    if (changed) this.#join(subscription, topic, decided.audience)
    else if (subscription.follow?.view.gone === true) this.#end(subscription, 410)
  }

  /** In place of the view that it followed: a recheck may have joined one while the subscription was still being decided. */
  #join(subscription: Subscription, topic: ListTopic, audience: Audience): void {
    subscription.follow?.leave()
    subscription.follow = this.#views.join(topic, audience, { changed: () => this.#changed(subscription) })
    this.#flush(subscription)
  }

  /** Where it is not found out why a view is gone, the page comes back and asks again. */
  #changed(subscription: Subscription): void {
    if (subscription.follow?.view.gone === true) void this.#decideAgain(subscription).catch(() => this.#outlet.cut())
    else this.#flush(subscription)
  }

  /** Where much waits for the client already, the newest is sent when that is gone. */
  #flush(subscription: Subscription): void {
    const { follow } = subscription
    if (follow === undefined || subscription.stop.signal.aborted) return
    if (this.#outlet.buffered > mostBuffered) return void this.#flushLater()
    const message = follow.view.messageFor(subscription.rev)
    if (message === undefined) return
    subscription.rev = follow.view.rev
    this.#outlet.send(subscription.sub, message)
  }

  async #flushLater(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    while (this.#outlet.buffered > mostBuffered && this.#subscriptions.size > 0) await this.#outlet.drained()
    this.#draining = false
    for (const subscription of this.#subscriptions.values()) this.#flush(subscription)
  }

  async #follow(subscription: Subscription, { id, after }: Extract<Topic, { kind: 'events' }>): Promise<void> {
    const { stop, sub } = subscription
    const outlet = this.#outlet
    const wakeup = new Wakeup()
    stop.signal.addEventListener('abort', () => wakeup.wake(), { once: true })
    const sink: EventSink = {
      wakeup,
      gone: stop.signal,
      async write(frames) {
        if (stop.signal.aborted) return
        outlet.sendEvents?.(sub, frames)
        while (outlet.buffered > mostBuffered && !stop.signal.aborted) await outlet.drained()
      },
      end: () => Promise.resolve(),
      cut: () => stop.signal.aborted || outlet.cut(),
    }
    // The session decides again, on all topics at once.
    await this.#services.hub.watch({ buildId: id, after, sink, stillAllowed: () => Promise.resolve(true) })
  }

  #end(subscription: Subscription, error: Refusal): void {
    if (subscription.stop.signal.aborted) return
    this.unsubscribe(subscription.sub)
    this.#refuse(subscription.sub, error)
  }

  #refuse(sub: number, error: Refusal): void {
    this.#outlet.send(sub, Buffer.from(`"error":${error}}`))
  }
}
