import type { IncomingMessage, ServerResponse } from 'node:http'

/** A database whose builds the server runs, and what goes with it. app/ wires it. */
export interface ServedDatabase {
  /** Runs builds until `close`; after `drain` it claims no more. */
  readonly engine: { serve(): Promise<void>; drain(): void }
  /** Serves images to nodes under /v2/. */
  readonly registry?: ServedRegistry
  /** Rejects when the database does not answer. */
  ping(): Promise<unknown>
  /** Lets go of all builds: they stay started. */
  close(): Promise<void>
}

export interface ServedRegistry {
  /** Whether the request's password is one of this registry's. */
  allows(request: IncomingMessage): boolean
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}
