import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Session keys are derived, not kept: from the installation's secret and the container's name and UID, so that they are
 * the same after a restart of the server. They are void when nobody expects the container any more.
 */
export function sessionKey(secret: Buffer, container: string, uid: string | undefined): string {
  return createHmac('sha256', secret).update(JSON.stringify(['airside session', container, uid ?? ''])).digest('base64url')
}

export function sameKey(shown: string, expected: string): boolean {
  const a = Buffer.from(shown)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
