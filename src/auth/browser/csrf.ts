import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a browser has to send along with a cookie to change anything: only pages of ours can know it. */
export const csrfToken = (secret: Buffer, sessionToken: string): string => createHmac('sha256', secret).update(`csrf ${sessionToken}`).digest('base64url')

export function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

export const changesSomething = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)

interface Headers {
  readonly origin?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

/** Whether a browser says that another site's page sent the request. */
export function isCrossSite({ origin, 'sec-fetch-site': site }: Headers, ownOrigin: string): boolean {
  return (origin !== undefined && origin !== ownOrigin) || (site !== undefined && site !== 'same-origin' && site !== 'none')
}
