import type { IncomingHttpHeaders } from 'node:http'
import { sameText } from '../../auth/browser/csrf.ts'

const prefix = 'airside.csrf.'

/** What the client offers, without the token: the server answers with the first. */
export const protocolsOf = (headers: IncomingHttpHeaders): readonly string[] => (headers['sec-websocket-protocol'] ?? '').split(',').map((offered) => offered.trim()).filter((offered) => offered !== '')
export const isPageToken = (protocol: string): boolean => protocol.startsWith(prefix)

/**
 * Whether one of our pages opens the web socket, or a client that is no browser. A browser sends its cookie along by itself; so a page has to
 * send what it sends with every change, and scripts can set no header of a web socket but its subprotocols.
 */
export function fromOwnPage(headers: IncomingHttpHeaders, csrfToken: string | undefined): boolean {
  if (headers.authorization !== undefined || csrfToken === undefined) return true
  return protocolsOf(headers).some((offered) => isPageToken(offered) && sameText(offered.slice(prefix.length), csrfToken))
}
