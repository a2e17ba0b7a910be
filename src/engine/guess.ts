import type { JsonObject } from '../model/json.ts'
import type { ImageSpec } from '../model/image.ts'
import type { GetPlan, PlanNode } from '../model/plan.ts'
import type { LeafPlan } from '../planner/followers.ts'
import { stepNameOf } from '../planner/step-name.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { containerSpec } from './container-spec.ts'
import { silently } from './image/asking.ts'
import { baseTypeImage } from './image/base-type-image.ts'
import { mayUseImage } from './image/image-policy.ts'
import { imageRequest, imageWay, isPulled, isTimeInProcess, nativePulls, type ImageWay } from './image/image-way.ts'
import { resolveVars } from './interpolate.ts'
import type { Guess } from './prepare-ahead.ts'
import { resolveTaskConfig } from './task-config.ts'
import { versionScope } from './version-scope.ts'

/**
 * Guesses a step's container from its plan: only what native images make cheap to know. It leaves no trace (no event, no
 * version saved), and where anything is missing or wrong there is no guess: the step itself will say so.
 */
export function guesser(context: BuildContext, state: RunState): Guess {
  const native = nativePulls(context.services)
  return async (plan, signal) => {
    if (needsNoContainer(plan, context.services)) return undefined
    const resolved = plan.kind === 'task' ? await resolveTaskConfig(context, plan.task, state) : undefined
    if (resolved?.ok === false) return undefined
    const config = resolved?.value.config
    const request = imageRequest(plan, config)
    const image = request && (await guessImage(context, imageWay(plan.id, request, native), state, signal))
    if (image === undefined) return undefined
    const wanted = { type: plan.kind, stepName: stepNameOf(plan), image, limits: { ...config?.container_limits }, ...placementOf(plan) }
    return { spec: containerSpec(context, { planId: plan.id }, wanted, { incarnation: 1, guess: true }), prefetch: inputsOf(plan, config?.inputs ?? [], state) }
  }
}

function needsNoContainer(plan: LeafPlan, services: BuildContext['services']): boolean {
  switch (plan.kind) {
    case 'get':
      return isPulled(plan.get, nativePulls(services)) || isTimeInProcess(plan.get, services)
    case 'put':
      return isTimeInProcess(plan.put, services)
    case 'task':
      return false
  }
}

function placementOf(plan: LeafPlan): { readonly hermetic?: boolean | undefined; readonly tags?: readonly string[] | undefined } {
  switch (plan.kind) {
    case 'task':
      return { hermetic: plan.task.hermetic, tags: plan.task.tags }
    case 'get':
      return { tags: plan.get.tags }
    case 'put':
      return { tags: plan.put.tags }
  }
}

/** What there is already of a task's inputs. */
const inputsOf = (plan: LeafPlan, inputs: readonly { readonly name: string }[], state: RunState) =>
  plan.kind === 'task' ? inputs.flatMap(({ name }) => state.artifact(plan.task.input_mapping?.[name] ?? name) ?? []) : []

async function guessImage(context: BuildContext, way: ImageWay, state: RunState, signal: AbortSignal): Promise<ImageSpec | undefined> {
  const { privileged } = way
  switch (way.kind) {
    case 'base-type': {
      const base = await baseTypeImage(context, way, silently(signal))
      return base.ok && base.value.foundByNode === undefined ? base.value : undefined
    }
    case 'native':
      return resolve(context, { ...way.get.get, check: way.check, privileged }, state, signal)
    case 'artifact': {
      const gotten = state.image(way.name)
      return gotten && resolve(context, { source: gotten.get.get.source, version: gotten.version, privileged }, state, signal)
    }
    case 'get':
      return undefined
  }
}

interface Guessed extends Pick<GetPlan, 'source' | 'version'> {
  readonly check?: PlanNode<'check'> | undefined
  readonly privileged: boolean
}

async function resolve(context: BuildContext, { source: written, version, check, privileged }: Guessed, state: RunState, signal: AbortSignal): Promise<ImageSpec | undefined> {
  const { images, versions } = context.services
  if (!nativePulls(context.services)) return undefined
  const source = await resolveVars<JsonObject>(context, state, written)
  if (!source.ok) return undefined
  // From the version that the check will start from, so that only newer tags are looked up.
  const checkSource = check && (await resolveVars<JsonObject>(context, state, check.check.source))
  const known = check !== undefined && checkSource?.ok === true ? await versions.latest(versionScope(context, check.check, checkSource.value)) : undefined
  const checked = version === undefined ? await images.check(source.value, { from: known, image: true }, signal) : undefined
  if (checked?.ok === false) return undefined
  const image = await images.image({ source: source.value, checked: checked?.value.at(-1), version }, signal)
  // A node resolves the tag when the step's turn comes; pulling it now could give an older image.
  if (!image.ok || image.value.how === 'node' || image.value.physical !== undefined) return undefined
  const { source: from, config, architectures, how } = image.value
  const allowed = await mayUseImage(context, { type: 'registry-image', image: from.reference, source: source.value, privileged }, signal, () => undefined)
  if (!allowed.ok) return undefined
  return { source: from, config, architectures, privileged, resolvedBy: how }
}
