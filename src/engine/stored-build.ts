import { z } from 'zod'
import type { VarOptions } from '../config/vars/var-options.ts'
import { boundedArray, boundedRecord, boundedString } from '../lib/bounded.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import type { VarSourceConfig } from '../model/config.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { decodePlan, encodePlan } from '../planner/plan-json.ts'

/** What a build's row holds beside its columns; encrypted at rest. */
export interface StoredBuild {
  readonly plan: Plan
  /** Values for `((vars))`, as they were given. */
  readonly vars?: Pick<VarOptions, 'vars' | 'yamlVars'> & { readonly files?: readonly { readonly file: string; readonly text: string }[] }
  /** The pipeline's var sources, as they were when the build was made. Their configs may hold `((vars))`. */
  readonly varSources: readonly VarSourceConfig[]
  /** Names of vars that the log may show. */
  readonly revealed?: readonly string[]
  /** Texts that were filled in before planning, and that the log may not show. */
  readonly secrets?: readonly string[]
  /** Artifacts that are there from the start: local inputs. */
  readonly artifacts?: { readonly [name: string]: ArtifactRef }
  /** The runtime that the build was made for (app's RuntimeOptions): its kept containers are there. */
  readonly runtime?: object
}

export function encodeStoredBuild({ plan, ...rest }: StoredBuild): JsonObject {
  return { ...(JSON.parse(JSON.stringify(rest)) as JsonObject), plan: encodePlan(plan) }
}

const texts = boundedArray(boundedString(64 * 1024 * 1024), 100_000)

const anyJson = z.custom<Json>((value) => value !== undefined, 'must be there')

const schema = z.object({
  vars: z
    .object({
      vars: texts.exactOptional(),
      yamlVars: texts.exactOptional(),
      files: boundedArray(z.object({ file: boundedString(4096), text: boundedString(64 * 1024 * 1024) }), 10_000).exactOptional(),
    })
    .exactOptional(),
  varSources: boundedArray(z.object({ name: boundedString(4096), type: boundedString(256), config: anyJson.default(null) }), 10_000).default([]),
  revealed: texts.exactOptional(),
  secrets: texts.exactOptional(),
  artifacts: boundedRecord(
    boundedString(4096),
    z.object({
      digest: z.custom<ArtifactDigest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value), 'must be a digest: sha256 and 64 hex digits'),
      size: z.number().int().nonnegative(),
    }),
    100_000,
  ).exactOptional(),
  runtime: boundedRecord(boundedString(256), z.unknown(), 100).exactOptional(),
})

/** Reads what a build's row holds. The error is one line without any of the values, which may be secrets. */
export function decodeStoredBuild(context: JsonObject): Result<StoredBuild, string> {
  const plan = decodePlan(context['plan'] ?? null)
  if (!plan.ok) return fail(plan.error)
  const parsed = schema.safeParse(context)
  if (!parsed.success) return fail(parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  return ok({ ...parsed.data, plan: plan.value })
}
