import { AsyncLocalStorage } from 'node:async_hooks'
import type { Log } from './log.ts'
import type { Span } from './span.ts'

/** What a piece of work is about. Each line of the log that it writes, however deep below, has these fields. */
export interface About {
  /** Id of an HTTP request: in the answer's header X-Request-Id, too. */
  readonly request?: string
  /** As Concourse calls the API's route. */
  readonly route?: string
  readonly team?: string
  readonly pipeline?: string
  readonly job?: string
  readonly resource?: string
  /** Id of a build. */
  readonly build?: number
  /** Id of a trace. */
  readonly trace?: string
}

const current = new AsyncLocalStorage<About>()
const span = new AsyncLocalStorage<Span>()

/** Of the work that runs now; a copy, since pino writes into what its mixin gives. */
export const about = (): About => ({ ...current.getStore() })

/** Runs work that is about this, besides what it is part of. */
export const workAbout = <T>(more: About, work: () => T): T => current.run({ ...current.getStore(), ...more }, work)

/** Runs work that goes on after the request that began it, for others too: it is about nothing yet. */
export const workOfItsOwn = <T>(work: () => T): T => current.exit(() => span.exit(work))

/** The span that the work which runs now is part of. */
export const spanOfWork = (): Span | undefined => span.getStore()
export const inSpan = <T>(of: Span, work: () => T): T => span.run(of, work)

/** A log whose lines are about what the work that asks for it is about, also those that are written when a socket or a timer has called. */
export function logAboutThis(log: Log): Log {
  const fields = current.getStore()
  if (fields === undefined) return log
  const within = (level: 'debug' | 'info' | 'warn' | 'error') => (more: object, message: string): void => log[level]({ ...fields, ...more }, message)
  return { debug: within('debug'), info: within('info'), warn: within('warn'), error: within('error') }
}
