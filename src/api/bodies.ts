import { z } from 'zod'
import { boundedArray, boundedRecord, boundedString } from '../lib/bounded.ts'
import { parseBoundedJson } from '../lib/bounded-json.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { roles } from '../model/team.ts'
import { text, type Reply } from './reply.ts'
import type { ApiRequest } from './request.ts'

/** Concourse's limit of a name. */
const name = boundedString(1024)
const who = boundedArray(boundedString(1024), 10_000)

export const nameBody = z.object({ name })
export const pinCommentBody = z.object({ pin_comment: boundedString(64 * 1024) })
export const checkBody = z.object({ from: boundedRecord(boundedString(4096), boundedString(1024 * 1024), 1_000).nullish(), shallow: z.boolean().nullish() })
export const clearCacheBody = z.object({ version: boundedRecord(boundedString(4096), boundedString(1024 * 1024), 1_000).nullish() })
export const orderingBody = boundedArray(name, 100_000)
export const instancesBody = boundedArray(boundedRecord(name, z.unknown(), 1_000), 100_000)
export const jobBuildBody = z.object({
  versions: boundedRecord(name, z.number().int().positive(), 1_000).nullish(),
  params: boundedRecord(name, z.unknown(), 1_000).nullish(),
})
/** `reason`: in people's words; absent: the reason that is there stays. */
export const pauseBody = z.object({ reason: boundedString(1_000).nullish() })
export const commentBody = z.object({ comment: boundedString(64 * 1024) })
/** fly leaves an empty message out. */
export const wallBody = z.object({ message: boundedString(64 * 1024).optional(), TTL: z.number().int().min(0).optional() })
export const teamBody = z.object({ auth: boundedRecord(name, z.object({ users: who.nullish(), groups: who.nullish() }), 100) })

const dayInSeconds = 24 * 3600
export const tokenBody = z.object({
  name: name.min(1, 'must not be empty'),
  /** Seconds. */
  expires_in: z.number().int('must be a whole number').min(60, 'must be a minute or more').max(366 * dayInSeconds, 'must be 366 days or less').optional(),
  team: name.optional(),
  role: z.enum(roles, `must be one of ${roles.join(', ')}`).optional(),
})

const jsonBounds = { items: 200_000, depth: 64 }

/** The request's JSON as the schema has it; the error is the answer. An empty body is no JSON. */
export function bodyOf<Schema extends z.ZodType>({ body }: Pick<ApiRequest, 'body'>, schema: Schema): Result<z.output<Schema>, Reply> {
  const parsed = parseBoundedJson(body ?? new Uint8Array(), jsonBounds)
  if (!parsed.ok) return fail(text(400, `the body must be JSON: ${parsed.error}`))
  const value = schema.safeParse(parsed.value)
  if (value.success) return ok(value.data)
  const issue = value.error.issues[0]
  const place = issue?.path.join('.') ?? ''
  return fail(text(400, `${place === '' ? 'the body' : place}: ${issue?.message ?? 'is not valid'}`))
}
