/** A URL's parts as Go's url.Parse finds them, or undefined where it refuses the text. Browsers' rules are laxer. */
export interface GoUrl {
  readonly scheme: string
  readonly host: string
}

// eslint-disable-next-line no-control-regex -- finding them is the point
const control = /[\u0000-\u001f\u007f]/
const badEscape = /%(?![0-9a-fA-F]{2})/
const userInfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/
const badInHost = /[\s"\\^`{|}]|%[0-7]/

export function parseGoUrl(text: string): GoUrl | undefined {
  if (control.test(text)) return undefined
  const hash = text.indexOf('#')
  if (hash >= 0 && badEscape.test(text.slice(hash))) return undefined
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]
  const whole = hash < 0 ? text : text.slice(0, hash)
  if (scheme === undefined && whole.startsWith(':')) return undefined
  const rest = (scheme === undefined ? whole : whole.slice(scheme.length + 1)).replace(/\?.*$/s, '')
  if (!rest.startsWith('/')) {
    if (scheme !== undefined) return { scheme: scheme.toLowerCase(), host: '' }
    return (rest.split('/', 1)[0] ?? '').includes(':') || badEscape.test(rest) ? undefined : { scheme: '', host: '' }
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== undefined || !rest.startsWith('///'))
  const slash = hasAuthority ? rest.indexOf('/', 2) : 0
  const host = hasAuthority ? hostOf(rest.slice(2, slash < 0 ? undefined : slash)) : ''
  const path = slash < 0 ? '' : rest.slice(slash)
  return host === undefined || badEscape.test(path) ? undefined : { scheme: scheme?.toLowerCase() ?? '', host }
}

function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  if (at >= 0 && (!userInfo.test(authority.slice(0, at)) || badEscape.test(authority.slice(0, at)))) return undefined
  const host = authority.slice(at + 1)
  if (host.startsWith('[')) return /^(\[[^\]]*\])(?::\d*)?$/.exec(host)?.[1]
  if (badInHost.test(host) || badEscape.test(host)) return undefined
  return /^([^:]*)(?::\d*)?$/.exec(host)?.[1]
}
