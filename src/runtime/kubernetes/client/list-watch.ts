import type { Clock } from '../../../lib/clock.ts'
import { messageOf } from '../../../lib/errors.ts'
import type { ApiError } from './api-error.ts'
import { lines } from './lines.ts'
import { newer } from './newer.ts'
import type { KubernetesObject } from './objects.ts'
import type { Requests } from './requests.ts'
import { createStore, type Change, type Store } from './store.ts'

export interface ListWatchOptions<T extends KubernetesObject> {
  readonly requests: Requests
  /** `/api/v1/namespaces/ns/pods` */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly clock: Clock
  /** What of an object is kept; default: all of it. `metadata` must survive. */
  readonly keep?: (object: T) => T
  readonly onChange: (change: Change<T>) => void
  /** Called with the cause when the watch failed and is started again. */
  readonly onTrouble?: (message: string) => void
  /** A watch without any event for this time is replaced; bookmarks come about once a minute. */
  readonly silenceMs?: number
}

export interface ListWatch<T extends KubernetesObject> {
  readonly store: Store<T>
  /** Resolves after the first list; rejects when the API refuses it for good (401, 403, 404) before that. */
  readonly synced: Promise<void>
  stop(): Promise<void>
}

type End =
  | { readonly kind: 'resume'; readonly why: string; readonly useful: boolean }
  | { readonly kind: 'relist'; readonly why: string }

/**
 * One list, then one watch from there on, for ever. Whatever happens to the watch (410, an end, silence, lines that make no
 * sense), what the store holds some time later is what a fresh list says.
 */
export function listWatch<T extends KubernetesObject>(options: ListWatchOptions<T>): ListWatch<T> {
  const { requests, clock, silenceMs = 100_000 } = options
  // A listener that throws for one object does not stop the loop for the others.
  const store = createStore<T>((change) => {
    try {
      options.onChange(change)
    } catch (error) {
      options.onTrouble?.(`${change.object.metadata?.name ?? 'an object'}: ${messageOf(error)}`)
    }
  })
  const stopped = new AbortController()
  const { signal } = stopped
  let settle: { resolve: () => void; reject: (error: Error) => void }
  const synced = new Promise<void>((resolve, reject) => (settle = { resolve, reject }))
  synced.catch(() => {})

  const url = (more: Record<string, string>): string => `${options.path}?${new URLSearchParams({ ...options.query, ...more }).toString()}`
  const kept = (object: T): T => (options.keep === undefined ? object : options.keep(object))

  async function list(): Promise<{ version: string } | ApiError> {
    const found: T[] = []
    let next = ''
    for (;;) {
      const page = await requests.json<{ metadata?: { resourceVersion?: string; continue?: string }; items?: T[] }>({
        method: 'GET',
        path: url({ limit: '500', ...(next === '' ? {} : { continue: next }) }),
        signal,
      })
      if (!page.ok) return page.error
      for (const item of page.value.items ?? []) if (isNamed(item)) found.push(kept(item))
      next = page.value.metadata?.continue ?? ''
      if (next === '') {
        const version = page.value.metadata?.resourceVersion ?? ''
        store.replace(found, version)
        return { version }
      }
    }
  }

  async function watch(from: { version: string }): Promise<End> {
    const silent = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), silenceMs)
      timer.unref()
    }
    const whyEnded = (otherwise: string): string => (silent.signal.aborted ? `the watch was silent for ${silenceMs / 1000} s` : otherwise)
    let useful = false
    try {
      heard()
      const opened = await requests.stream({
        method: 'GET',
        path: url({ watch: '1', allowWatchBookmarks: 'true', resourceVersion: from.version, timeoutSeconds: '600' }),
        signal: AbortSignal.any([signal, silent.signal]),
      })
      if (!opened.ok) {
        const gone = opened.error.status === 410 || opened.error.status === 400
        return gone ? { kind: 'relist', why: opened.error.message } : { kind: 'resume', why: whyEnded(opened.error.message), useful }
      }
      for await (const line of lines(opened.value)) {
        heard()
        const event = parse<T>(line)
        if (event === undefined) return { kind: 'relist', why: 'the watch sent a line that cannot be read' }
        if (event.type === 'ERROR') return { kind: 'relist', why: event.message }
        useful = true
        const version = event.object.metadata?.resourceVersion
        if (event.type !== 'BOOKMARK') store.apply(event.type, kept(event.object))
        if (version !== undefined && newer(version, from.version)) from.version = version
      }
      return { kind: 'resume', why: 'the watch ended', useful }
    } catch (error) {
      return { kind: 'resume', why: whyEnded(`the watch broke: ${messageOf(error)}`), useful }
    } finally {
      clearTimeout(timer)
      silent.abort()
    }
  }

  async function run(): Promise<void> {
    let pause = 0
    const rest = async (): Promise<void> => {
      pause = Math.min(Math.max(pause * 2, 50), 5_000)
      await clock.sleep(pause * (0.75 + Math.random() / 2), signal).catch(() => {})
    }
    while (!signal.aborted) {
      const listed = await list()
      if (signal.aborted) return
      if (!('version' in listed)) {
        if ([401, 403, 404].includes(listed.status)) settle.reject(new Error(listed.message))
        options.onTrouble?.(`list: ${listed.message}`)
        await rest()
        continue
      }
      settle.resolve()
      let idle = 0
      while (!signal.aborted) {
        const end = await watch(listed)
        if (signal.aborted) return
        options.onTrouble?.(end.why)
        if (end.kind === 'resume' && end.useful) {
          pause = 0
          idle = 0
          continue
        }
        await rest()
        // Watches that end at once without an error may hide that our resource version has expired.
        if (end.kind === 'relist' || ++idle >= 5) break
      }
    }
  }

  const running = run()
  return {
    store,
    synced,
    async stop() {
      stopped.abort()
      settle.reject(new Error('stopped'))
      await running
    },
  }
}

type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: T }
  | { readonly type: 'ERROR'; readonly message: string }

function parse<T extends KubernetesObject>(line: string): WatchEvent<T> | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { type, object } = value as { type?: unknown; object?: unknown }
  if (typeof object !== 'object' || object === null) return undefined
  if (type === 'ERROR') {
    const { message } = object as { message?: unknown }
    return { type, message: typeof message === 'string' ? message : 'the watch sent an error' }
  }
  if (type === 'BOOKMARK') return { type, object: object as T }
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') return undefined
  return isNamed(object as T) ? { type, object: object as T } : undefined
}

const isNamed = (object: KubernetesObject): boolean =>
  typeof object?.metadata?.name === 'string' && typeof object.metadata.uid === 'string'
