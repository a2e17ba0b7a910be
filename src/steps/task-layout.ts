import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { ArtifactRef } from '../model/artifact.ts'
import type { TaskConfig } from '../model/config.ts'
import type { TaskPlan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { RunState } from './ports.ts'

/** Where a task's files lie in its container; all paths absolute. */
export interface TaskLayout {
  readonly workingDirectory: string
  readonly inputs: readonly { readonly name: string; readonly path: string; readonly artifact: ArtifactRef }[]
  readonly outputs: readonly { readonly name: string; readonly path: string; readonly artifactName: string }[]
  readonly caches: readonly { readonly name: string; readonly path: string; readonly configured: string }[]
}

/** `/tmp/build/<8 hex of the task's name>`, as scripts have come to expect. */
export function taskDirectory(name: string): string {
  return `/tmp/build/${createHash('sha1').update(name).digest('hex').slice(0, 8)}`
}

/** Names of the artifacts that the task reads. */
export function inputNames(plan: TaskPlan, config: TaskConfig): string[] {
  return (config.inputs ?? []).map((input) => ownValue(plan.input_mapping, input.name) ?? input.name)
}

/** Finds the inputs among the build's artifacts; all missing ones are named at once. */
export function taskLayout(plan: TaskPlan, config: TaskConfig, state: RunState): Result<TaskLayout, string> {
  const root = taskDirectory(plan.name)
  const under = (path: string) => posix.resolve(root, path)
  const missing: string[] = []
  const inputs: TaskLayout['inputs'][number][] = []
  for (const input of config.inputs ?? []) {
    const source = ownValue(plan.input_mapping, input.name) ?? input.name
    const artifact = state.artifact(source)
    if (artifact !== undefined) inputs.push({ name: input.name, path: under(input.path || input.name), artifact })
    else if (!input.optional) missing.push(source)
  }
  if (missing.length > 0) return fail(`missing inputs: ${missing.join(', ')}`)
  const outputs = (config.outputs ?? []).map((output) => ({
    name: output.name,
    path: under(output.path || output.name),
    artifactName: ownValue(plan.output_mapping, output.name) ?? output.name,
  }))
  const caches = (config.caches ?? []).map((cache) => ({ name: `cache:${cache.path}`, path: under(cache.path), configured: cache.path }))
  return ok({ workingDirectory: root, inputs: parentsFirst(inputs), outputs, caches })
}

/** Nested mounts: a parent is unpacked before what lies inside it. */
function parentsFirst<T extends { readonly path: string }>(mounts: readonly T[]): T[] {
  return mounts.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length)
}

function ownValue(mapping: { readonly [name: string]: string } | undefined, name: string): string | undefined {
  return mapping !== undefined && Object.hasOwn(mapping, name) ? mapping[name] : undefined
}
