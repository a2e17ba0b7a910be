import type { Param } from '../db.ts'
import type { DbErrorFields, DbErrorKind } from '../db-error.ts'

/** What the main thread asks of the worker that holds the embedded database; answered in order. */
export type Request =
  | { readonly id: number; readonly op: 'query'; readonly sql: string; readonly params: readonly Param[] }
  | { readonly id: number; readonly op: 'script'; readonly sql: string }
  | { readonly id: number; readonly op: 'close' }

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'rows'; readonly id: number; readonly rows: unknown[]; readonly command: string | undefined }
  /** By NOTIFY, whose transaction has committed. */
  | { readonly kind: 'notified'; readonly channel: string; readonly payload: string }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }

/** Errors lose their class and fields on the way between threads. */
export interface WireError extends Omit<DbErrorFields, 'cause'> {
  readonly kind: DbErrorKind
  readonly message: string
}

export interface WorkerData {
  readonly dataDir: string
}
