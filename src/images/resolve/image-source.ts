import { z } from 'zod'
import type { RegistryCredentials } from '../../model/image.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { parseRepository, parseTag, type ReferenceSource } from '../reference/native-reference.ts'
import { digestProblem, domainProblem } from '../reference/grammar.ts'
import { dockerHub, type ImageReference } from '../reference/reference.ts'
import type { ImageError } from './image-error.ts'
import { parseConstraint } from './semver-constraint.ts'
import type { TagRules } from './tag-selection.ts'

/** A registry-image source that was found good. */
export interface RegistryImageSource {
  readonly repository: ImageReference
  /** As written, for choosing among versions. */
  readonly reference: ReferenceSource
  readonly credentials?: RegistryCredentials
  readonly insecure: boolean
  readonly caCerts: readonly string[]
  /** How tags are chosen: only where the source names neither tag nor digest. */
  readonly tags?: TagRules
  /** Asked before the origin, with credentials of its own. */
  readonly mirror?: { readonly registry: string; readonly credentials?: RegistryCredentials }
  /** Only where the source asks for one. */
  readonly platform?: WantedPlatform
}

export interface WantedPlatform {
  readonly os?: string
  /** `arm64`, or with the variant `arm64/v8`. */
  readonly architecture?: string
}

const text = z.string()
const scalarTag = z.union([z.string(), z.number()])
const nullish = <T extends z.ZodType>(schema: T) => schema.nullish()

/** Every key that a registry-image source may have; the resource itself refuses others. */
const schema = z.strictObject({
  repository: text,
  tag: nullish(scalarTag),
  digest: nullish(text),
  username: nullish(text),
  password: nullish(text),
  insecure: nullish(z.boolean()),
  ca_certs: nullish(z.array(text)),
  platform: nullish(z.strictObject({ os: nullish(text), architecture: nullish(text) })),

  tag_regex: nullish(text),
  created_at_sort: nullish(z.boolean()),
  semver_constraint: nullish(text),
  pre_releases: nullish(z.boolean()),
  pre_release_prefixes: nullish(z.array(text)),
  variant: nullish(text),
  registry_mirror: nullish(z.strictObject({ host: nullish(text), username: nullish(text), password: nullish(text) })),
  aws_access_key_id: nullish(text),
  aws_secret_access_key: nullish(text),
  aws_session_token: nullish(text),
  aws_region: nullish(text),
  aws_ecr_registry_id: nullish(text),
  aws_role_arn: nullish(text),
  aws_role_arns: nullish(z.array(text)),
  aws_account_id: nullish(text),
  azure_acr: nullish(z.boolean()),
  azure_client_id: nullish(text),
  azure_tenant_id: nullish(text),
  azure_environment: nullish(text),

  // These speak of what a get writes or a put signs, never of which image it is.
  debug: nullish(z.unknown()),
  label_regex: nullish(text),
  annotation_regex: nullish(text),
  content_trust: nullish(z.unknown()),
})

type Keys = keyof z.infer<typeof schema>

/** Not built yet, and an image chosen without them could be the wrong one. */
const refused: readonly Keys[] = ['aws_region', 'azure_acr']
/** They choose among tags, so they only matter where `tag` and `digest` do not say which. */
const refusedWithoutTag: readonly Keys[] = ['tag_regex']

/** Checks a source as it came from a pipeline, vars already interpolated. Its secrets are in no error. */
export function parseImageSource(source: JsonObject): Result<RegistryImageSource, ImageError> {
  const image = typeof source['repository'] === 'string' ? source['repository'] : ''
  const invalid = (detail: string) => fail<ImageError>({ kind: 'source', image, detail })
  if (source['repository'] === undefined || source['repository'] === '') return invalid('`repository` is missing')

  const parsed = schema.safeParse(source)
  if (!parsed.success) return invalid(parsed.error.issues.map(issueWords).join('; '))
  const given = parsed.data

  const repository = parseRepository(given.repository)
  if (!repository.ok) return invalid(repository.error.detail)
  const tag = parseTag(given.tag)
  if (!tag.ok) return invalid(tag.error.detail)
  const digest = given.digest ?? ''
  const badDigest = digest === '' ? undefined : digestProblem(digest)
  if (badDigest !== undefined) return invalid(badDigest)

  const fixed = tag.value !== undefined || digest !== ''
  const unbuilt = [...refused, ...(fixed ? [] : refusedWithoutTag)].filter((key) => isSet(given[key] as Json | undefined))
  if (unbuilt.length > 0) {
    const keys = unbuilt.map((key) => `\`${key}\``).join(', ')
    return invalid(`${keys} ${unbuilt.length === 1 ? 'is' : 'are'} not supported yet`)
  }
  const badCert = (given.ca_certs ?? []).findIndex((cert) => !cert.includes('-----BEGIN CERTIFICATE-----'))
  if (badCert !== -1) return invalid(`ca_certs[${badCert}] is no certificate in PEM form`)

  const tags = fixed ? ok(undefined) : tagRules(given)
  if (!tags.ok) return invalid(tags.error)

  const mirror = mirrorOf(given.registry_mirror, repository.value)
  if (!mirror.ok) return invalid(mirror.error)

  const credentials = credentialsOf(given.username, given.password)
  const platform = given.platform ?? undefined
  return ok({
    repository: repository.value,
    reference: { repository: given.repository, tag: tag.value ?? null, digest },
    insecure: given.insecure ?? false,
    caCerts: given.ca_certs ?? [],
    ...(mirror.value === undefined ? {} : { mirror: mirror.value }),
    ...(tags.value === undefined ? {} : { tags: tags.value }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(platform === undefined ? {} : { platform: wantedPlatform(platform.os, platform.architecture) }),
  })
}

function tagRules(given: z.infer<typeof schema>): Result<TagRules, string> {
  const constraint = given.semver_constraint ? parseConstraint(given.semver_constraint) : undefined
  if (constraint?.ok === false) return fail(`semver_constraint: ${constraint.error}`)
  return ok({
    preReleases: given.pre_releases ?? false,
    preReleasePrefixes: given.pre_release_prefixes ?? [],
    ...(given.variant ? { variant: given.variant } : {}),
    ...(constraint === undefined ? {} : { constraint: constraint.value }),
  })
}

/** A mirror is for Docker Hub alone: with a registry of its own, a source means that one. */
function mirrorOf(
  given: z.infer<typeof schema>['registry_mirror'],
  { registry }: ImageReference,
): Result<RegistryImageSource['mirror'], string> {
  if (!given || registry !== dockerHub) return ok(undefined)
  const host = given.host ?? ''
  if (domainProblem(host) !== undefined) return fail(`registry_mirror: ${JSON.stringify(host.slice(0, 200))} is not a registry host`)
  const credentials = credentialsOf(given.username, given.password)
  return ok({ registry: host.toLowerCase(), ...(credentials === undefined ? {} : { credentials }) })
}

/** As the resource has it: a username without a password, or the other way round, is none. */
const credentialsOf = (username?: string | null, password?: string | null): RegistryCredentials | undefined =>
  username && password ? { username, password } : undefined

const wantedPlatform = (os?: string | null, architecture?: string | null): WantedPlatform => ({
  ...(os ? { os } : {}),
  ...(architecture ? { architecture } : {}),
})

const isSet = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== '' && value !== false

/** An issue without the value that it is about. */
function issueWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `\`${key}\``).join(', ')}`
  const path = `\`${issue.path.map(String).join('.')}\``
  if (issue.code === 'invalid_union') return `${path} must be a string or a number`
  return issue.code === 'invalid_type' ? `${path} must be ${article(issue.expected)}` : `${path} is not valid`
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)
