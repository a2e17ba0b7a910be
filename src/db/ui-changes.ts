import type { UiChange, UiChanges as UiChangesPort } from '../api/web-ports.ts'
import type { Db } from './db.ts'

/** What migrations/0025-ui-changes.sql tells of, and each commit of a build. */
export class UiChanges implements UiChangesPort {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  async listen(callback: (change: UiChange) => void): Promise<() => Promise<void>> {
    const stops = await Promise.all([
      this.#db.listen('ui_changes', (payload) => callback(payload === undefined ? { kind: 'unknown' } : changeOf(payload))),
      this.#db.listen('build_events', (payload) => callback(payload === undefined ? { kind: 'unknown' } : { kind: 'build', id: Number(payload) })),
    ])
    return async () => void (await Promise.all(stops.map((stop) => stop())))
  }
}

function changeOf(payload: string): UiChange {
  const [kind = '', id] = payload.split(' ')
  switch (kind) {
    case 'pipeline':
      return { kind, id: Number(id) }
    case 'builds':
    case 'checks':
    case 'people':
    case 'wall':
      return { kind }
    default:
      return { kind: 'unknown' }
  }
}
