export type DbErrorKind =
  | 'connection' // lost or refused: whether a commit happened is unknown; an idempotent call may be repeated
  | 'conflict' // deadlock or serialization failure: rolled back, may be repeated
  | 'constraint' // a unique, foreign key, check or not-null constraint
  | 'closed' // the handle was closed, or the embedded database has died
  | 'statement' // anything else the database refuses

/** The one error that both drivers throw. */
export class DbError extends Error {
  override readonly name = 'DbError'
  readonly kind: DbErrorKind
  /** SQLSTATE, where the database gave one. */
  readonly code: string | undefined
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly detail: string | undefined

  constructor(kind: DbErrorKind, message: string, fields: DbErrorFields = {}) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause })
    this.kind = kind
    this.code = fields.code
    this.constraint = fields.constraint
    this.table = fields.table
    this.detail = fields.detail
  }
}

export interface DbErrorFields {
  readonly code?: string | undefined
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  readonly detail?: string | undefined
  readonly cause?: unknown
}

/** Whether the same call may succeed when it is repeated a little later. */
export const isTransient = (error: unknown): boolean =>
  error instanceof DbError && (error.kind === 'connection' || error.kind === 'conflict')

/** Makes a DbError of what a driver threw; `fields` survive a worker's message. */
export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const text = (key: string): string | undefined => {
    const value = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined
    return typeof value === 'string' ? value : undefined
  }
  const code = text('code')
  const message = text('message') ?? String(error)
  return new DbError(kindOf(code, message), message || (code ?? 'unknown database error'), {
    code,
    constraint: text('constraint'),
    table: text('table'),
    detail: text('detail'),
    cause: error,
  })
}

function kindOf(code: string | undefined, message: string): DbErrorKind {
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code === 'EPIPE') {
    return code !== undefined || /connection|timeout|terminated/i.test(message) ? 'connection' : 'statement'
  }
  if (code.startsWith('08') || code.startsWith('57P') || code === '53300' || code === '25006') return 'connection'
  if (code === '40001' || code === '40P01') return 'conflict'
  return code.startsWith('23') ? 'constraint' : 'statement'
}
