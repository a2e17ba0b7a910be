/** The picture behind a pipeline's graph, as its config asks for it. */
export interface Background {
  readonly src: string
  /** A value of the CSS property `filter`. */
  readonly filter: string
}

/** The URL that a config names, if it leads to another host: this server has no pictures, and its own paths may do things. */
export function foreignImage(display: unknown, page: URL): URL | undefined {
  const image = textOf(display, 'background_image')
  if (image === undefined || !URL.canParse(image, page.href)) return undefined
  const url = new URL(image, page.href)
  const loads = url.protocol === 'https:' || (url.protocol === 'http:' && page.protocol === 'http:')
  return loads && url.host !== page.host && url.username === '' && url.password === '' ? url : undefined
}

/** What is shown of it. A host that the server does not name (`--web-image-hosts`) is not asked: the content security policy would report it. */
export function backgroundOf(display: unknown, page: URL, hosts: readonly string[]): Background | undefined {
  const url = foreignImage(display, page)
  if (url === undefined || !hosts.some((host) => matches(url, host))) return undefined
  return { src: url.href, filter: parseFilter(textOf(display, 'background_filter') ?? '') ?? defaultFilter }
}

/** Concourse's. */
export const defaultFilter = 'opacity(30%) grayscale(100%)'

function matches({ hostname, port, protocol }: URL, listed: string): boolean {
  const [name = '', listedPort = ''] = listed.split(':')
  const own = protocol === 'https:' ? '443' : '80'
  if ((listedPort || own) !== (port || own)) return false
  return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : hostname === name
}

const mostFunctions = 10
const one = /^(?:(?:brightness|contrast|grayscale|invert|opacity|saturate|sepia)\(\s*\d{1,4}(?:\.\d{1,3})?%?\s*\)|blur\(\s*\d{1,2}(?:\.\d{1,3})?px\s*\)|hue-rotate\(\s*-?\d{1,3}(?:\.\d{1,3})?deg\s*\))$/

/** A list of CSS's filter functions, but for those that load something or draw a shadow; undefined: it is not one. */
export function parseFilter(text: string): string | undefined {
  const functions = text.trim().toLowerCase().split(/(?<=\))\s*/).filter((part) => part !== '')
  return functions.length > 0 && functions.length <= mostFunctions && functions.every((part) => one.test(part)) ? functions.join(' ') : undefined
}

function textOf(display: unknown, key: 'background_image' | 'background_filter'): string | undefined {
  const value: unknown = typeof display === 'object' && display !== null && Object.hasOwn(display, key) ? (display as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : undefined
}
