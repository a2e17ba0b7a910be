import { workOfItsOwn } from '../../lib/about.ts'
import type { ApiServices } from '../request.ts'
import type { UiChange } from '../web-ports.ts'
import { audienceKey, type Audience } from './allow.ts'
import { itemsOf } from './items.ts'
import type { ListTopic } from './topic.ts'
import { View, type Follower } from './view.ts'

interface Held {
  readonly topic: ListTopic
  readonly view: View
  /** Of the topics of a pipeline; found when it is first asked for. */
  readonly pipelineId: Promise<number | undefined>
}

/** The views that somebody follows, one for each topic and audience. */
export class Views {
  readonly #services: ApiServices
  readonly #held = new Map<string, Held>()

  constructor(services: ApiServices) {
    this.#services = services
  }

  join(topic: ListTopic, audience: Audience, follower: Follower): { readonly view: View; readonly leave: () => void } {
    const key = `${JSON.stringify(topic)} ${audienceKey(audience)}`
    const known = this.#held.get(key)
    const held = known !== undefined && !known.view.gone ? known : this.#open(topic, audience)
    this.#held.set(key, held)
    held.view.join(follower)
    const leave = (): void => {
      if (!held.view.leave(follower) && this.#held.get(key) === held) this.#held.delete(key)
    }
    return { view: held.view, leave }
  }

  /** Wakes the views that may show the change. */
  changed(change: UiChange): void {
    for (const { topic, view, pipelineId } of this.#held.values()) {
      if (!concerns(change, topic)) continue
      if (change.kind !== 'pipeline') view.wake()
      // A build of no pipeline has none; where it is not known, it may be this one.
      else void pipelineId.then((id) => (id === undefined || id === change.id) && view.wake())
    }
  }

  #open(topic: ListTopic, audience: Audience): Held {
    const services = this.#services
    const { clock, log } = services
    const view = workOfItsOwn(() => new View({
      read: () => itemsOf(services, topic, audience),
      ordered: topic.kind === 'pipeline' || topic.kind === 'build',
      clock,
      onError: (error) => log.error({ err: error, component: 'watch', topic: topic.kind }, 'reading what the web UI shows failed; it is tried again'),
    }))
    // Where the database did not say it, every pipeline's changes wake the view.
    return { topic, view, pipelineId: pipelineOf(services, topic).catch(() => undefined) }
  }
}

async function pipelineOf({ places, lists }: ApiServices, topic: ListTopic): Promise<number | undefined> {
  switch (topic.kind) {
    case 'pipeline':
      return topic.id
    case 'job':
      return places.pipelineOfJob(topic.id)
    case 'resource':
      return places.pipelineOfResource(topic.id)
    case 'build':
      return (await lists.get(topic.id))?.scope.pipelineId
    case 'me':
    case 'wall':
    case 'dashboard':
    case 'unfinished':
    case 'builds':
      return undefined
  }
}

function concerns(change: UiChange, topic: ListTopic): boolean {
  switch (change.kind) {
    case 'unknown':
      return true
    case 'people':
      return topic.kind === 'me'
    case 'wall':
      return topic.kind === 'wall'
    case 'build':
      return topic.kind === 'build' && topic.id === change.id
    case 'checks':
      return topic.kind === 'dashboard' || topic.kind === 'pipeline' || topic.kind === 'resource'
    case 'builds':
      return topic.kind === 'builds' || topic.kind === 'unfinished' || topic.kind === 'build'
    case 'pipeline':
      return topic.kind !== 'me' && topic.kind !== 'wall'
  }
}
