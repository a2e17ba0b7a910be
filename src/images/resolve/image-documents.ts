import { z } from 'zod'
import { boundedArray, boundedString } from '../../lib/bounded.ts'
import { parseBoundedJson, type JsonBounds } from '../../lib/bounded-json.ts'
import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Descriptor, Platform } from '../registry/media-types.ts'

/** The document of a digest: a manifest of one image, or an index of several platforms' manifests. */
export type ImageDocument =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'manifest'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }

export interface ConfigDocument {
  readonly platform: Platform
  readonly config: ImageConfig
  /** When it was created, in ms with a fraction; absent if it does not say, or says 1970, as reproducible builds do. */
  readonly created?: number
}

/** Bounds of manifests, indexes and configs, which the image's author writes. */
export const documentBounds: JsonBounds = { items: 500_000, depth: 100 }
/** Manifests of an index, layers of an image. */
export const descriptorsLimit = 10_000
/** Arguments, or variables, of an image's config. */
const argumentsLimit = 10_000

const name = boundedString(1024)
const text = boundedString(1024 * 1024)
export const digest = boundedString(160).regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
const descriptor = z.object({
  mediaType: name.default(''),
  digest,
  size: z.number().int().nonnegative(),
  platform: z.object({ os: name, architecture: name, variant: name.optional() }).nullish(),
})
const index = z.object({ manifests: boundedArray(descriptor, descriptorsLimit) })
const manifest = z.object({ config: descriptor, layers: boundedArray(descriptor, descriptorsLimit).nullish() })
const strings = boundedArray(text, argumentsLimit).nullish()
const config = z.object({
  os: name.default('linux'),
  architecture: name.default(''),
  variant: name.optional(),
  created: name.nullish(),
  config: z
    .object({ Entrypoint: strings, Cmd: strings, Env: strings, User: text.nullish(), WorkingDir: text.nullish() })
    .nullish(),
})

const diffs = z.object({ rootfs: z.object({ diff_ids: boundedArray(digest, descriptorsLimit).nullish() }).nullish() })

/** Media types of the parts are ignored: registries and builders disagree on them, but not on the fields. */
export function parseImageDocument(bytes: Uint8Array): Result<ImageDocument, string> {
  const read = parseObject(bytes)
  if (!read.ok) return fail(`its manifest is ${read.error}`)
  const json = read.value
  if (json['schemaVersion'] === 1) return fail('its manifest has the old schema version 1; push it again with a tool of today')
  if (Array.isArray(json['manifests'])) {
    const parsed = index.safeParse(json)
    return parsed.success ? ok({ kind: 'index', manifests: parsed.data.manifests.map(plainDescriptor) }) : fail(words('index', parsed.error))
  }
  const parsed = manifest.safeParse(json)
  if (!parsed.success) return fail(words('manifest', parsed.error))
  return ok({
    kind: 'manifest',
    config: plainDescriptor(parsed.data.config),
    layers: (parsed.data.layers ?? []).map(plainDescriptor),
  })
}

export function parseConfigDocument(bytes: Uint8Array): Result<ConfigDocument, string> {
  const read = parseObject(bytes)
  if (!read.ok) return fail(`its config is ${read.error}`)
  const parsed = config.safeParse(read.value)
  if (!parsed.success) return fail(words('config', parsed.error))
  const { os, architecture, variant } = parsed.data
  const process = parsed.data.config
  const created = timeOf(parsed.data.created ?? '')
  return ok({
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    ...(created === 0 ? {} : { created }),
    config: {
      entrypoint: process?.Entrypoint ?? [],
      cmd: process?.Cmd ?? [],
      env: process?.Env ?? [],
      user: process?.User ?? '',
      workingDir: process?.WorkingDir ?? '',
    },
  })
}

/** Digests of the image's layers before compression, in their order, as its config names them; undefined where it names none. */
export function layerDiffs(bytes: Uint8Array): readonly string[] | undefined {
  const read = parseObject(bytes)
  const parsed = diffs.safeParse(read.ok ? read.value : undefined)
  return (parsed.success ? parsed.data.rootfs?.diff_ids : undefined) ?? undefined
}

/** RFC 3339, to the nanosecond as builders write it; what Date leaves out after the milliseconds is added. */
function timeOf(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return 0
  const beyond = /\.\d{3}(\d{1,6})/.exec(text)?.[1]
  return beyond === undefined ? ms : ms + Number(`0.${beyond}`)
}

function plainDescriptor({ mediaType, digest, size, platform }: z.infer<typeof descriptor>): Descriptor {
  const bare = { mediaType, digest, size }
  if (platform === undefined || platform === null) return bare
  const { os, architecture, variant } = platform
  return { ...bare, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } }
}

function parseObject(bytes: Uint8Array): Result<Record<string, unknown>, string> {
  const json = parseBoundedJson(bytes, documentBounds)
  if (!json.ok) return fail(json.error === 'not valid JSON' ? 'not JSON' : `not read, since ${json.error}`)
  const { value } = json
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? ok(value as Record<string, unknown>) : fail('not a JSON object')
}

const words = (what: string, error: z.ZodError): string => {
  const issue = error.issues[0]
  return `its ${what} is not valid${issue === undefined ? '' : `: ${issue.path.map(String).join('.')}: ${issue.message}`}`
}
