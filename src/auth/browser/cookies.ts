/** Longer ones are not read: ours have some hundred bytes, a sealed login state a thousand. */
const longestHeader = 16_384

export type CookieName = 'session' | 'csrf' | 'form' | 'flow' | 'fresh'

const names: Readonly<Record<CookieName, string>> = { session: 'airside', csrf: 'airside-csrf', form: 'airside-form', flow: 'airside-flow', fresh: 'airside-fresh' }

/** Browsers take a `__Host-` cookie from https of this very host only: no sibling domain can set one. */
const nameOf = (name: CookieName, secure: boolean): string => (secure ? `__Host-${names[name]}` : names[name])

export const readCookie = (header: string | undefined, name: CookieName, secure: boolean): string | undefined => valueOf(header, nameOf(name, secure))

/** The token that a browser has, or fly when it logs out: `skymarshal_auth="bearer TOKEN"`, with quotes for the space. */
export function sessionToken(header: string | undefined, secure: boolean): string | undefined {
  return readCookie(header, 'session', secure) ?? /^bearer ([\w+/-]+)$/i.exec(valueOf(header, 'skymarshal_auth') ?? '')?.[1]
}

function valueOf(header: string | undefined, wanted: string): string | undefined {
  if (header === undefined || header.length > longestHeader) return undefined
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at >= 0 && part.slice(0, at).trim() === wanted) return part.slice(at + 1).trim().replace(/^"(.*)"$/, '$1')
  }
  return undefined
}

/** A header Set-Cookie. The csrf cookie is for scripts of our pages, no other one is. */
export function cookie(name: CookieName, value: string, { secure, maxAgeMs }: { readonly secure: boolean; readonly maxAgeMs: number }): string {
  const attributes = ['Path=/', `Max-Age=${Math.floor(maxAgeMs / 1000)}`, 'SameSite=Lax', ...(name === 'csrf' ? [] : ['HttpOnly']), ...(secure ? ['Secure'] : [])]
  return `${nameOf(name, secure)}=${value}; ${attributes.join('; ')}`
}

export const clearedCookie = (name: CookieName, secure: boolean): string => cookie(name, '', { secure, maxAgeMs: 0 })

/** For a session that is over. */
export const clearedSession = (secure: boolean): string[] => [
  clearedCookie('session', secure),
  clearedCookie('csrf', secure),
  'skymarshal_auth=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
]
