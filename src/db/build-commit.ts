import type { BuildOutput, BuildWrites, ContainerRow } from '../model/build.ts'
import type { JsonObject } from '../model/json.ts'
import { json, type Queryable } from './db.ts'
import { canonicalJson, hashOf } from './version-json.ts'

export interface BuildCommit {
  readonly buildId: number
  readonly owner: string
  /** Unix ms. */
  readonly now: number
  readonly writes: BuildWrites
}

/**
 * Repeating a commit whose answer was lost changes nothing when its events have keys. Refused when `owner` no longer holds
 * the lease.
 */
export async function commitBuild(db: Queryable, { buildId, owner, now, writes }: BuildCommit): Promise<'committed' | 'lease-lost'> {
  const { events = [], steps = [], containers = [], outputs = [] } = writes
  const [row] = await db.query<{ committed: boolean }>(
    'select commit_build($1, $2, $3, $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::json, $11::json, $12) as committed',
    [
      buildId,
      owner,
      now,
      events.map((event) => event.key ?? null),
      events.map((event) => event.type),
      events.map((event) => event.version),
      events.map((event) => event.payload),
      steps.map((step) => step.planId),
      steps.map((step) => json(step.record)),
      containers.length === 0 ? null : json(containers.map(tableRow)),
      outputs.length === 0 ? null : json(outputs.map(outputRow)),
      writes.finish?.status ?? null,
    ],
  )
  return row?.committed === true ? 'committed' : 'lease-lost'
}

const tableRow = ({ handle, planId, state, guess, host, log }: ContainerRow): JsonObject => ({
  handle,
  plan_id: planId,
  state,
  guess,
  host: host ?? null,
  log: { ...log, ...(log.stdout && { stdout: { ...log.stdout } }), ...(log.stderr && { stderr: { ...log.stderr } }) },
})

/** Metadata as text: it may hold what the database takes only as it is written. */
function outputRow({ planId, name, resource, version, metadata }: BuildOutput): JsonObject {
  const text = canonicalJson(version)
  return { plan_id: planId, name, resource, hash: hashOf(text), version: JSON.parse(text) as JsonObject, metadata: metadata === undefined ? null : json(metadata) }
}
