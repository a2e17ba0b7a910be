import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import type { RegistryCredentials } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { withoutUser } from '../../lib/without-user.ts'
import { azureEnvironments, type CloudRegistry } from '../cloud/cloud-registry.ts'
import { cloudOf, ecrRepository } from './cloud-source.ts'
import { parseRepository, parseTag, type ReferenceSource } from '../reference/native-reference.ts'
import { digestProblem, domainProblem } from '../reference/grammar.ts'
import { dockerHub, type ImageReference } from '../reference/reference.ts'
import type { ImageError } from './image-error.ts'
import { parseConstraint } from './semver-constraint.ts'
import type { TagRules } from './tag-selection.ts'

/** A registry-image source after it was checked. */
export interface RegistryImageSource {
  readonly repository: ImageReference
  /** Repository, tag and digest as written, for chooseImage. */
  readonly reference: ReferenceSource
  readonly credentials?: RegistryCredentials
  readonly insecure: boolean
  readonly caCerts: readonly string[]
  /** How tags are chosen, if the source names neither tag nor digest. */
  readonly tags?: TagChoice
  /** Credentials come from a cloud, and for ECR the registry's host too: until then `repository` has a placeholder for it. */
  readonly cloud?: CloudRegistry
  /** Asked before the origin, with credentials of its own. */
  readonly mirror?: { readonly registry: string; readonly credentials?: RegistryCredentials }
  /** Only where the source asks for one. */
  readonly platform?: WantedPlatform
}

/** Which tags are versions: semver ones, or those that a pattern matches, in the registry's order or by the image's age. */
export type TagChoice =
  | { readonly kind: 'semver'; readonly rules: TagRules }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly byAge: boolean }

export interface WantedPlatform {
  readonly os?: string
  /** `arm64`, or with the variant `arm64/v8`. */
  readonly architecture?: string
}

/** At least the length that an environment variable may have. */
const text = boundedString(256 * 1024)
const scalarTag = z.union([text, z.number()])
/** Certificates, roles, prefixes. */
const texts = boundedArray(text, 1000)
const nullish = <T extends z.ZodType>(schema: T) => schema.nullish()

/** Every key that a registry-image source may have; the resource itself refuses others. */
const schema = z.strictObject({
  repository: text,
  tag: nullish(scalarTag),
  digest: nullish(text),
  username: nullish(text),
  password: nullish(text),
  insecure: nullish(z.boolean()),
  ca_certs: nullish(texts),
  platform: nullish(z.strictObject({ os: nullish(text), architecture: nullish(text) })),

  tag_regex: nullish(text),
  created_at_sort: nullish(z.boolean()),
  semver_constraint: nullish(text),
  pre_releases: nullish(z.boolean()),
  pre_release_prefixes: nullish(texts),
  variant: nullish(text),
  registry_mirror: nullish(z.strictObject({ host: nullish(text), username: nullish(text), password: nullish(text) })),
  aws_access_key_id: nullish(text),
  aws_secret_access_key: nullish(text),
  aws_session_token: nullish(text),
  aws_region: nullish(text),
  aws_ecr_registry_id: nullish(text),
  aws_role_arn: nullish(text),
  aws_role_arns: nullish(texts),
  aws_account_id: nullish(text),
  azure_acr: nullish(z.boolean()),
  azure_client_id: nullish(text),
  azure_tenant_id: nullish(text),
  azure_environment: nullish(z.enum([...azureEnvironments, ''])),

  // These are about what a get writes or a put signs, not about which image it is.
  debug: nullish(z.unknown()),
  label_regex: nullish(text),
  annotation_regex: nullish(text),
  content_trust: nullish(z.unknown()),
})

type Given = z.infer<typeof schema>

const userBefore = 'has a user or a password before its host: write them as `username` and `password`'

/** Checks a source as it came from a pipeline, vars already interpolated. Its secrets are in no error. */
export function parseImageSource(source: JsonObject): Result<RegistryImageSource, ImageError> {
  const written = typeof source['repository'] === 'string' ? source['repository'] : ''
  const image = withoutUser(written)
  const invalid = (detail: string) => fail<ImageError>({ kind: 'source', image, detail })
  if (image !== written) return invalid(`\`repository\` ${userBefore}`)
  if (source['repository'] === undefined || source['repository'] === '') return invalid('`repository` is missing')

  const parsed = schema.safeParse(source, { reportInput: true })
  if (!parsed.success) return invalid(parsed.error.issues.map(issueWords).join('; '))
  const given = parsed.data

  const cloud = cloudOf(given)
  if (!cloud.ok) return invalid(cloud.error)
  const repository = cloud.value?.kind === 'ecr' ? ecrRepository(given.repository, cloud.value) : parseRepository(given.repository)
  if (!repository.ok) return invalid(repository.error.detail)
  const tag = parseTag(given.tag)
  if (!tag.ok) return invalid(tag.error.detail)
  const digest = given.digest ?? ''
  const badDigest = digest === '' ? undefined : digestProblem(digest)
  if (badDigest !== undefined) return invalid(`\`digest\`: ${badDigest}`)

  const fixed = tag.value !== undefined || digest !== ''
  const badCert = (given.ca_certs ?? []).findIndex((cert) => !isCertificate(cert))
  if (badCert !== -1) return invalid(`\`ca_certs\`[${badCert}] is no certificate in PEM form (-----BEGIN CERTIFICATE----- …)`)

  const tags = fixed ? ok(undefined) : tagChoice(given)
  if (!tags.ok) return invalid(tags.error)

  const mirror = mirrorOf(given.registry_mirror, repository.value)
  if (!mirror.ok) return invalid(mirror.error)

  const credentials = credentialsOf(given.username, given.password)
  const platform = given.platform ?? undefined
  return ok({
    repository: repository.value,
    reference: { repository: `${repository.value.registry}/${repository.value.repository}`, tag: tag.value ?? null, digest },
    insecure: given.insecure ?? false,
    caCerts: given.ca_certs ?? [],
    ...(mirror.value === undefined ? {} : { mirror: mirror.value }),
    ...(tags.value === undefined ? {} : { tags: tags.value }),
    ...(cloud.value === undefined ? {} : { cloud: cloud.value }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(platform === undefined ? {} : { platform: wantedPlatform(platform.os, platform.architecture) }),
  })
}

function tagChoice(given: Given): Result<TagChoice, string> {
  if (given.tag_regex) return ok({ kind: 'pattern', pattern: given.tag_regex, byAge: given.created_at_sort ?? false })
  const constraint = given.semver_constraint ? parseConstraint(given.semver_constraint) : undefined
  if (constraint?.ok === false) return fail(`\`semver_constraint\`: ${constraint.error}`)
  return ok({
    kind: 'semver',
    rules: {
      preReleases: given.pre_releases ?? false,
      preReleasePrefixes: given.pre_release_prefixes ?? [],
      ...(given.variant ? { variant: given.variant } : {}),
      ...(constraint === undefined ? {} : { constraint: constraint.value }),
    },
  })
}

/** A mirror is only for images of Docker Hub, not for a source that names another registry. */
function mirrorOf(
  given: Given['registry_mirror'],
  { registry }: ImageReference,
): Result<RegistryImageSource['mirror'], string> {
  if (!given || registry !== dockerHub) return ok(undefined)
  const host = given.host ?? ''
  if (withoutUser(host) !== host) return fail(`\`registry_mirror.host\` ${userBefore}`)
  if (domainProblem(host) !== undefined) return fail(`\`registry_mirror.host\`: ${JSON.stringify(host.slice(0, 200))} is not a registry host`)
  const credentials = credentialsOf(given.username, given.password)
  return ok({ registry: host.toLowerCase(), ...(credentials === undefined ? {} : { credentials }) })
}

/** Certificates that were read before: reading one is the slowest part of reading a source. */
const goodCertificates = new Set<string>()

function isCertificate(pem: string): boolean {
  if (goodCertificates.has(pem)) return true
  try {
    if (new X509Certificate(pem).raw.length === 0) return false
  } catch {
    return false
  }
  if (goodCertificates.size >= 1000) goodCertificates.clear()
  goodCertificates.add(pem)
  return true
}

/** As in the resource, a username without a password, or a password without a username, counts as no credentials. */
const credentialsOf = (username?: string | null, password?: string | null): RegistryCredentials | undefined =>
  username && password ? { username, password } : undefined

const wantedPlatform = (os?: string | null, architecture?: string | null): WantedPlatform => ({
  ...(os ? { os } : {}),
  ...(architecture ? { architecture } : {}),
})

/** A problem of the source, without the value, which may be secret. */
function issueWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `\`${key}\``).join(', ')}`
  const path = `\`${issue.path.map(String).join('.')}\``
  if (issue.code === 'invalid_union') return `${path} must be a string or a number`
  if (issue.code === 'invalid_value') return `${path} must be one of ${issue.values.filter((value) => value !== '').map(String).join(', ')}`
  if (issue.code === 'custom' || issue.code === 'too_big') return `${path} ${issue.message.replace(/^Invalid input: expected (\w+), received number$/, 'must be a $1 (put it in quotes)').replace(/^Invalid input: expected (\w+), received .*$/, 'must be a $1')}`
  if (issue.code !== 'invalid_type') return `${path} is not valid`
  const number = issue.expected === 'string' && typeof issue.input === 'number'
  return `${path} must be ${article(issue.expected)}${number ? ' (put it in quotes)' : ''}`
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)
