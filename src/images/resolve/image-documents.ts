import { z } from 'zod'
import type { ImageConfig } from '../../model/image.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { Descriptor, Platform } from '../registry/media-types.ts'

/** What stands behind an image's digest: one image, or an index of one for each platform. */
export type ImageDocument =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | { readonly kind: 'manifest'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }

export interface ConfigDocument {
  readonly platform: Platform
  readonly config: ImageConfig
  /** When it was made, in ms with a fraction; absent where it does not say (or says 1970, as builds do that can be repeated). */
  readonly created?: number
}

const digest = z.string().regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
const descriptor = z.object({
  mediaType: z.string().default(''),
  digest,
  size: z.number().int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).nullish(),
})
const index = z.object({ manifests: z.array(descriptor).max(10_000) })
const manifest = z.object({ config: descriptor, layers: z.array(descriptor).max(10_000).nullish() })
const strings = z.array(z.string()).nullish()
const config = z.object({
  os: z.string().default('linux'),
  architecture: z.string().default(''),
  variant: z.string().optional(),
  created: z.string().nullish(),
  config: z
    .object({ Entrypoint: strings, Cmd: strings, Env: strings, User: z.string().nullish(), WorkingDir: z.string().nullish() })
    .nullish(),
})

/** The media types of the parts decide nothing here: registries and builders disagree on them, the shapes don't. */
export function parseImageDocument(bytes: Uint8Array): Result<ImageDocument, string> {
  const json = parseJson(bytes)
  if (json === undefined) return fail('its manifest is not JSON')
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
  const parsed = config.safeParse(parseJson(bytes))
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

function parseJson(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const words = (what: string, error: z.ZodError): string => {
  const issue = error.issues[0]
  return `its ${what} is not valid${issue === undefined ? '' : `: ${issue.path.map(String).join('.')}: ${issue.message}`}`
}
