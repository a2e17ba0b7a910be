import { createHash } from 'node:crypto'
import type { RegistryCredentials } from '../../model/image.ts'
import { registryHost } from '../reference/reference.ts'

/** One repository of a registry, with credentials and what is allowed for its connections. */
export interface RegistryTarget {
  /** As people write it: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string
  /** Path inside the registry. */
  readonly repository: string
  readonly credentials?: RegistryCredentials
  /** The source allows plain HTTP and unverified TLS for this registry's host. */
  readonly insecure?: boolean
  /** Certificates (PEM) trusted besides the system's. */
  readonly caCerts?: readonly string[]
  /** The credentials are the operator's, not the source's: plain HTTP needs `insecure`, or loopback. */
  readonly operatorsCredentials?: boolean
  /** Why the operator's credentials for this registry are not sent; shown if the registry refuses for want of credentials. */
  readonly withheld?: string
  /** Who can change the connection's settings, for the advice in errors; absent: the source's author. */
  readonly setBy?: 'operator'
}

/** What errors call an image: `registry/repository:tag` or `registry/repository@digest`. */
export function imageName(target: RegistryTarget, reference?: string): string {
  const name = `${target.registry}/${target.repository}`
  if (reference === undefined) return name
  return reference.includes(':') ? `${name}@${reference}` : `${name}:${reference}`
}

export const apiHost = (target: RegistryTarget): string => registryHost(target.registry)

/** The registry's host as URLs have it, without the port. */
export const hostnameOf = (target: RegistryTarget): string => new URL(`https://${apiHost(target)}`).hostname

/** The identity of a request, as a cache key that reveals no password. */
export function identityOf(target: RegistryTarget): string {
  const { credentials } = target
  if (credentials === undefined) return 'anonymous'
  return createHash('sha256').update(`${credentials.username}\0${credentials.password}`).digest('hex')
}

/** Everything that decides which connections may be shared. */
export function trustOf(target: RegistryTarget): string {
  return `${target.insecure === true ? 'insecure' : 'verified'}${target.operatorsCredentials === true ? ' operator' : ''} ${target.caCerts === undefined || target.caCerts.length === 0 ? '' : hashOf(target.caCerts)}`
}

/** The hash of a list of certificates, kept since each request of a resolution needs it. */
const hashes = new WeakMap<readonly string[], string>()

function hashOf(certs: readonly string[]): string {
  const known = hashes.get(certs)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for (const cert of certs) hash.update(cert).update('\0')
  const text = hash.digest('hex')
  hashes.set(certs, text)
  return text
}

/** Texts that no error may hold: the password, and its encoded form. */
export function secretsOf(target: RegistryTarget): string[] {
  const { credentials } = target
  if (credentials === undefined || credentials.password === '') return []
  const { username, password } = credentials
  return [password, encodeURIComponent(password), basicAuth(credentials)].concat(username.length >= 16 ? [username] : [])
}

export const basicAuth = ({ username, password }: RegistryCredentials): string =>
  Buffer.from(`${username}:${password}`, 'utf8').toString('base64')

/**
 * Hosts for which plain HTTP is allowed by default, as in Concourse's registry client: loopback, names that end in .local or
 * .localhost, and private IPv4 addresses. TLS is tried first there too.
 */
export function mayBePlain(host: string): boolean {
  const name = bareHost(host)
  return (
    isLoopbackHost(host) ||
    name.endsWith('.local') ||
    /^10\.\d+\.\d+\.\d+$/.test(name) ||
    /^192\.168\.\d+\.\d+$/.test(name) ||
    /^172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+$/.test(name)
  )
}

const bareHost = (host: string): string => host.replace(/:\d+$/, '')

/** Hosts that are this machine by their very name. */
export function isLoopbackHost(host: string): boolean {
  const name = bareHost(host)
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}
