import { decodeStoredBuild } from '../engine/stored-build.ts'
import { readRecord } from '../engine/step-record.ts'
import type { JsonObject } from '../model/json.ts'
import type { Version } from '../model/version.ts'
import { canonicalJson } from '../lib/canonical-json.ts'
import { eachWrittenPlan } from '../planner/children.ts'

/** The versions of a resource that a build used: what it put comes before what it got, as jobs after it see it. */
export function versionsOf(context: JsonObject, steps: ReadonlyMap<string, JsonObject>, resource: string): Version[] {
  const stored = decodeStoredBuild(context)
  if (!stored.ok) return []
  const put: Version[] = []
  const got: Version[] = []
  eachWrittenPlan(stored.value.plan, (plan) => {
    if (plan.kind === 'put' && plan.put.resource === resource) {
      const record = readRecord(steps.get(plan.id))
      if (record?.phase === 'finished' && record.finished.version !== undefined) put.push(record.finished.version)
    }
    if (plan.kind === 'get' && plan.get.resource === resource && plan.get.version !== undefined) got.push(plan.get.version)
  })
  return [...put, ...got]
}

/** The newest version that every job has in one of its builds. Each job's: a list for each build, newest first. */
export function newestInAll(jobs: readonly (readonly (readonly Version[])[])[]): Version | undefined {
  const [first = [], ...others] = jobs.map((builds) => builds.map((versions) => versions[0]).filter((version) => version !== undefined))
  const known = others.map((versions) => new Set(versions.map(canonicalJson)))
  return first.find((version) => known.every((set) => set.has(canonicalJson(version))))
}
