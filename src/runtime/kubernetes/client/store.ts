import { newer } from './newer.ts'
import type { KubernetesObject } from './objects.ts'

export type Change<T> =
  | { readonly kind: 'present'; readonly object: T; readonly previous: T | undefined }
  /** `object`: as it was last seen. */
  | { readonly kind: 'gone'; readonly object: T }

/** The objects of a watch, by UID. */
export interface Store<T> {
  readonly objects: ReadonlyMap<string, T>
  byName(name: string): T | undefined
  /** A fresh list, as of `version`: what it does not hold is gone, unless it is younger than the list. */
  replace(objects: readonly T[], version: string): void
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void
}

/** How many UIDs of deleted objects are remembered, to ignore late events. */
const graves = 4096

export function createStore<T extends KubernetesObject>(onChange: (change: Change<T>) => void): Store<T> {
  const objects = new Map<string, T>()
  const dead = new Set<string>()

  function bury(uid: string, last: T): void {
    objects.delete(uid)
    dead.add(uid)
    if (dead.size > graves) for (const oldest of dead) if (dead.delete(oldest)) break
    onChange({ kind: 'gone', object: last })
  }

  function put(object: T, listed: boolean): void {
    const uid = object.metadata?.uid ?? ''
    // A UID is never used again: such an event is late or repeated.
    if (dead.has(uid) && !listed) return
    dead.delete(uid)
    const previous = objects.get(uid)
    const version = object.metadata?.resourceVersion ?? ''
    const seen = previous?.metadata?.resourceVersion
    if (seen !== undefined && (listed ? version === seen : !newer(version, seen))) return
    objects.set(uid, object)
    onChange({ kind: 'present', object, previous })
  }

  return {
    objects,
    byName(name) {
      let found: T | undefined
      for (const object of objects.values()) if (object.metadata?.name === name) found = object
      return found
    },
    replace(listed, version) {
      const present = new Set(listed.map((object) => object.metadata?.uid))
      for (const [uid, object] of objects) {
        if (!present.has(uid) && !newer(object.metadata?.resourceVersion ?? version, version)) bury(uid, object)
      }
      for (const object of listed) put(object, true)
    },
    apply(type, object) {
      const uid = object.metadata?.uid ?? ''
      if (type !== 'DELETED') return put(object, false)
      if (objects.has(uid)) bury(uid, object)
      else dead.add(uid)
    },
  }
}
