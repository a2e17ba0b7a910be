/** What code needs of a logger; pino's fits. Fields never hold secrets. */
export interface Log {
  /** pino's; what is less is not written. */
  level?: string
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const nothing = (): void => {}
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
