/** Why a WebSocket was closed, by its code (RFC 6455, 7.4), where that says more than that it was. */
export function closeText(code: number): string {
  switch (code) {
    case 1001:
    case 1012:
      return 'the server stops or starts again'
    case 1008:
      return 'the server does not understand this page: reload it'
    case 1013:
      return 'too many pages of this server are open'
    default:
      return 'the connection broke, or the server does not answer'
  }
}
