import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ArtifactRef } from '../model/artifact.ts'

/**
 * What proves that something comes from one container's supervisor. All of it is derived from the installation's secret and
 * the container's name and UID, so it is the same after a restart of the server and void for every other container.
 */
export interface Proofs {
  /** Given to a supervisor before any process of a step has run; only its memory holds it. It opens channels and seals results. */
  readonly session: string
  /** Given to a supervisor that has started again without the session key: it opens channels, and seals nothing. */
  readonly resumed: string
  /** Shows that this container stored an artifact. */
  readonly receipt: (artifact: ArtifactRef) => string
}

export function proofsOf(secret: Buffer, container: string, uid: string | undefined): Proofs {
  const derive = (purpose: string, ...more: readonly (string | number)[]): string =>
    createHmac('sha256', secret).update(JSON.stringify([`airside ${purpose}`, container, uid ?? '', ...more])).digest('base64url')
  return {
    session: derive('session'),
    resumed: derive('resumed session'),
    receipt: ({ digest, size }) => derive('receipt', digest, size),
  }
}

export function sameKey(shown: string, expected: string): boolean {
  const a = Buffer.from(shown)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
