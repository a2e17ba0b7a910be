const broke = 'the connection broke, or the server does not answer'

/** Why a WebSocket was closed, by its code (RFC 6455, 7.4). 0 and 1006 are no server's: the browser reports them where nobody said why. */
export function closeText(code: number): string {
  switch (code) {
    case 0:
    case 1000:
    case 1005:
    case 1006:
    case 1015:
      return broke
    case 1001:
    case 1012:
      return 'the server stops or starts again'
    case 1008:
      return 'the server does not understand this page, which may be older than the server: reload it'
    case 1013:
      return 'too many pages of this server are open'
    default:
      return `the server, or a proxy before it, closed the connection (WebSocket code ${code})`
  }
}
