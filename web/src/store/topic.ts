import { signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { applyPatch } from '../api/messages.ts'
import { watch } from './connection.ts'
import { beginReading } from './reading.ts'

/** What a topic has given so far. Data stays while the page is not live. */
export type TopicState<T> = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly items: readonly T[] } | { readonly kind: 'refused'; readonly status: number }

type Item = { readonly id: number | string }

interface Open {
  readonly state: Signal<TopicState<Item>>
  readonly stop: () => void
  readers: number
  stopped: boolean
}

export interface OpenedTopic<T> {
  readonly state: ReadonlySignal<TopicState<T>>
  readonly release: () => void
}

const open = new Map<string, Open>()

/**
 * A topic of /api/v1/watch as a signal, read once however many components show it. `release` when the component goes; the last one
 * ends the subscription, unless the page that comes instead of it opens the topic at once.
 */
export function openTopic<T extends Item>(topic: string): OpenedTopic<T> {
  const known = open.get(topic)
  // One that was refused gets nothing more, even if whoever looks may see it by now.
  const found = known !== undefined && known.state.value.kind !== 'refused' ? known : start(topic)
  found.readers++
  let released = false
  const release = (): void => {
    if (released) return
    released = true
    found.readers--
    queueMicrotask(() => {
      if (found.readers > 0 || found.stopped) return
      if (open.get(topic) === found) open.delete(topic)
      found.stopped = true
      found.stop()
    })
  }
  return { state: found.state as unknown as ReadonlySignal<TopicState<T>>, release }
}

/** What is known of a topic that a component is about to open: another may show it. */
export function shownOf<T extends Item>(topic: string): TopicState<T> {
  const state = open.get(topic)?.state.value ?? { kind: 'loading' }
  return (state.kind === 'refused' ? { kind: 'loading' } : state) as TopicState<T>
}

/** Drops what all topics gave: it was for another person. One that was refused gave nothing, and gets nothing more: it must be opened anew. */
export function forgetTopics(): void {
  for (const { state } of open.values()) if (state.value.kind !== 'refused') state.value = { kind: 'loading' }
}

function start(topic: string): Open {
  const state = signal<TopicState<Item>>({ kind: 'loading' })
  const read = beginReading()
  const handle = watch.subscribe(topic, {
    set: (value) => {
      read()
      state.value = { kind: 'ready', items: Array.isArray(value) ? (value as Item[]) : [] }
    },
    patch: (items) => {
      const now = state.value
      if (now.kind === 'ready') state.value = { kind: 'ready', items: applyPatch(now.items, items) }
    },
    refused: (status) => {
      read()
      state.value = { kind: 'refused', status }
    },
  })
  const stop = (): void => {
    read()
    handle.stop()
  }
  const opened: Open = { state, stop, readers: 0, stopped: false }
  open.set(topic, opened)
  return opened
}
