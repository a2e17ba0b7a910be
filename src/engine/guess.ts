import type { JsonObject } from '../model/json.ts'
import type { ImageSpec } from '../model/image.ts'
import type { GetPlan, Plan, PlanId, TaskPlan, TypeImage } from '../model/plan.ts'
import type { LeafPlan } from '../planner/followers.ts'
import { imagePlans } from '../planner/image-plans.ts'
import type { ImageResource } from '../model/config.ts'
import type { RunState } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { containerSpec } from './container-spec.ts'
import { nativelyFetched } from './image/native-type.ts'
import { mayUseImage } from './image/image-policy.ts'
import { baseTypeImage } from './image/step-images.ts'
import { resolveVars } from './interpolate.ts'
import type { Guess, GuessedContainer } from './prepare-ahead.ts'
import { resolveTaskConfig } from './task-config.ts'
import { versionScope } from './version-scope.ts'

/**
 * Guesses a step's container from its plan: only what native images make cheap to know. It leaves no trace (no event, no
 * version saved), and where anything is missing or wrong there is no guess: the step itself will say so.
 */
export function guesser(context: BuildContext, state: RunState): Guess {
  return async (plan, signal) => {
    switch (plan.kind) {
      case 'task': {
        const config = await resolveTaskConfig(context, plan.task, state)
        if (!config.ok) return undefined
        const image = await guessTaskImage(context, plan.id, plan.task, config.value.config.image_resource, state, signal)
        const inputs = (config.value.config.inputs ?? []).flatMap((input) => state.artifact(plan.task.input_mapping?.[input.name] ?? input.name) ?? [])
        return image && guessed(context, plan, plan.task.name, image, { ...config.value.config.container_limits }, inputs)
      }
      case 'get': {
        // Found without a container.
        if (isNative(context) && nativelyFetched(plan.get)) return undefined
        const image = await guessTypeImage(context, plan.get.image, state, signal)
        return image && guessed(context, plan, plan.get.name ?? plan.get.type, image, {}, [])
      }
      case 'put': {
        const image = await guessTypeImage(context, plan.put.image, state, signal)
        return image && guessed(context, plan, plan.put.name, image, {}, [])
      }
    }
  }
}

function guessed(
  context: BuildContext,
  plan: LeafPlan,
  stepName: string,
  image: ImageSpec,
  limits: { cpu?: number; memory?: number },
  prefetch: GuessedContainer['prefetch'],
): GuessedContainer {
  const wanted = { type: plan.kind, stepName, image, limits }
  return { spec: containerSpec(context, { planId: plan.id }, wanted, 1, true), prefetch }
}

async function guessTypeImage(context: BuildContext, image: TypeImage, state: RunState, signal: AbortSignal): Promise<ImageSpec | undefined> {
  const get: Plan | undefined = image.get_plan
  if (get === undefined) {
    const base = await baseTypeImage(context, image.base_type ?? '', image.privileged ?? false, signal)
    return base.ok && base.value.foundByNode === undefined ? base.value : undefined
  }
  if (get.kind !== 'get' || !nativelyFetched(get.get)) return undefined
  return resolve(context, get.get, image.check_plan, image.privileged ?? false, state, signal)
}

async function guessTaskImage(
  context: BuildContext,
  planId: PlanId,
  { image: name, resource_types: types = [], privileged }: TaskPlan,
  image: ImageResource | undefined,
  state: RunState,
  signal: AbortSignal,
): Promise<ImageSpec | undefined> {
  if (name !== undefined) {
    const gotten = state.image(name)
    return gotten && resolve(context, { source: gotten.get.get.source, version: gotten.version }, undefined, privileged, state, signal)
  }
  if (image?.type !== 'registry-image' || types.some((type) => type.name === image.type)) return undefined
  const { getPlan, checkPlan } = imagePlans(planId, image, types, { skipInterval: false })
  return resolve(context, getPlan.get, checkPlan, privileged, state, signal)
}

const isNative = ({ services: { options, runtime } }: BuildContext): boolean => options.nativeImageFetch && runtime.capabilities.nativeImageFetch

async function resolve(
  context: BuildContext,
  { source: written, version }: Pick<GetPlan, 'source' | 'version'>,
  check: Plan | undefined,
  privileged: boolean,
  state: RunState,
  signal: AbortSignal,
): Promise<ImageSpec | undefined> {
  const { images, versions } = context.services
  if (!isNative(context)) return undefined
  const source = await resolveVars<JsonObject>(context, state, written)
  if (!source.ok) return undefined
  // As the check itself will: where tags are chosen among, only newer ones are looked up.
  const checkSource = check?.kind === 'check' ? await resolveVars<JsonObject>(context, state, check.check.source) : undefined
  const known = check?.kind === 'check' && checkSource?.ok === true ? await versions.latest(versionScope(context, check.check, checkSource.value)) : undefined
  const checked = version === undefined ? await images.check(source.value, { from: known, image: true }, signal) : undefined
  if (checked?.ok === false) return undefined
  const image = await images.image({ source: source.value, checked: checked?.value.at(-1), version }, signal)
  // What a tag means is decided when the step's turn comes: a node that has pulled it now would be too early.
  if (!image.ok || image.value.how === 'node' || image.value.physical !== undefined) return undefined
  const { source: from, config, architectures, how } = image.value
  const allowed = await mayUseImage(context, { type: 'registry-image', image: from.reference, source: source.value, privileged }, signal, () => undefined)
  if (!allowed.ok) return undefined
  return { source: from, config, architectures, privileged, resolvedBy: how }
}
