import { fail, ok, type Result } from '../../model/result.ts'
import {
  digestProblem,
  domainProblem,
  isDomain,
  maxNameLength,
  pathProblem,
  tagProblem,
} from './grammar.ts'

/** `docker.io`: the registry that a name without a host means. */
export const dockerHub = 'docker.io'

/** A reference in its full form: short forms of Docker Hub are spelled out (`busybox` is docker.io, library/busybox). */
export interface ImageReference {
  /** As people write it: `docker.io`, `ghcr.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly registry: string
  /** Path inside the registry, e.g. `library/busybox`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

export interface ReferenceError {
  readonly kind: 'invalid-reference'
  /** What was read. */
  readonly text: string
  /** One clause: what is wrong with it. */
  readonly detail: string
}

export const describeReferenceError = (error: ReferenceError): string =>
  `invalid image reference ${JSON.stringify(error.text.slice(0, 200))}: ${error.detail}`

/** Reads `[host[:port]/]path[:tag][@digest]`. */
export function parseReference(text: string): Result<ImageReference, ReferenceError> {
  const invalid = (detail: string) => fail({ kind: 'invalid-reference' as const, text, detail })
  if (text === '') return invalid('it is empty')
  if (/^[a-z+]+:\/\//i.test(text)) return invalid('it is a name, not a URL: leave the scheme out')
  if (/\s/.test(text)) return invalid('it contains white space')

  const at = text.indexOf('@')
  const digest = at === -1 ? undefined : text.slice(at + 1)
  const named = at === -1 ? text : text.slice(0, at)

  // A colon after the last slash begins a tag; before it, a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const tag = colon === -1 ? undefined : named.slice(colon + 1)
  const name = tag === undefined ? named : named.slice(0, colon)

  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const hasDomain = isDomain(first)
  const registry = hasDomain ? canonicalRegistry(first) : dockerHub
  const path = hasDomain ? name.slice(slash + 1) : name

  const problem =
    (hasDomain ? domainProblem(first) : undefined) ??
    pathProblem(path) ??
    (tag === undefined ? undefined : tagProblem(tag)) ??
    (digest === undefined ? undefined : digestProblem(digest))
  if (problem !== undefined) return invalid(problem)

  const repository = registry === dockerHub && !path.includes('/') ? `library/${path}` : path
  if (registry.length + 1 + repository.length > maxNameLength) {
    return invalid(`the name is longer than ${maxNameLength} characters`)
  }
  return ok({
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  })
}

/** The full form, which containerd, Docker and Podman all read alike: `docker.io/library/busybox:1.36@sha256:…`. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** Where the registry's API answers: Docker Hub's is not at its name. */
export const registryHost = (registry: string): string =>
  canonicalRegistry(registry) === dockerHub ? 'registry-1.docker.io' : registry

/** One spelling for a registry that has several; `registry-1.docker.io` is Docker Hub's API, the others its old names. */
export function canonicalRegistry(host: string): string {
  const lower = host.toLowerCase()
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? dockerHub : lower
}
