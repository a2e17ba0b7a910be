/** The grammar of image references (the distribution project's), as one check per part that returns what is wrong. */

export const maxNameLength = 255

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-f:]+(?:\\.[0-9.]+)?\\])(?::([0-9]{1,5}))?$`, 'i')
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const identifierPattern = /^[0-9a-f]{64}$/

/** Whether a reference's first path component is a host: it has a dot, a port, brackets, or is localhost. */
export const isDomain = (component: string): boolean =>
  component.includes('.') || component.includes(':') || component.startsWith('[') || component.toLowerCase() === 'localhost'

export function domainProblem(domain: string): string | undefined {
  const match = domainPattern.exec(domain)
  if (!match) return `${quote(domain)} is not a registry host`
  const port = match[1]
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return `port ${port} is out of range`
  if (domain.startsWith('[') && !URL.canParse(`http://${domain}/`)) return `${quote(domain)} is not an IPv6 address`
  return undefined
}

export function pathProblem(path: string): string | undefined {
  if (path === '') return 'the repository is missing'
  if (identifierPattern.test(path)) return 'the repository is 64 hexadecimal digits, which engines read as an image id'
  for (const component of path.split('/')) {
    if (component === '') return 'a part of the repository is empty'
    if (component !== component.toLowerCase()) return `the repository must be lower case: ${quote(component)}`
    if (!componentPattern.test(component)) {
      return `${quote(component)} is not a part of a repository (a-z, 0-9, and between them one of . _ __ -)`
    }
  }
  return undefined
}

export function tagProblem(tag: string): string | undefined {
  if (tag === '') return 'the tag is empty'
  if (tag.length > 128) return 'the tag is longer than 128 characters'
  if (!tagPattern.test(tag)) return `${quote(tag)} is not a tag (letters, digits, _ . -, not beginning with . or -)`
  return undefined
}

export function digestProblem(digest: string): string | undefined {
  if (/^sha256:[0-9a-f]{64}$/.test(digest) || /^sha512:[0-9a-f]{128}$/.test(digest)) return undefined
  return `${quote(digest)} is not a digest (sha256: and 64 hexadecimal digits in lower case)`
}

const quote = (text: string): string => JSON.stringify(text.length > 140 ? `${text.slice(0, 140)}…` : text)
