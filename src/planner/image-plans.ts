import type { ImageResource, ResourceTypeConfig } from '../model/config.ts'
import type { PlanId, PlanNode, TypeImage } from '../model/plan.ts'

/** How often an image's check may be skipped because a recent one exists; a type's `check_every` overrides it. */
const defaultCheckInterval = '1m0s'

export interface ImagePlanOptions {
  readonly tags?: readonly string[]
  /** The build was triggered by hand: check anew whatever the interval says. */
  readonly skipInterval: boolean
}

/**
 * The image of a resource type: nested plans for a custom one, the base type's name otherwise. A type never sees
 * itself among its ancestors, so a type named like its own base type (`git` of type `git`) ends in the base type.
 */
export function imageForType(
  owner: PlanId,
  type: string,
  types: readonly ResourceTypeConfig[],
  options: ImagePlanOptions,
): TypeImage {
  const parent = types.find((candidate) => candidate.name === type)
  if (parent === undefined) return { base_type: type }
  const image: ImageResource = {
    name: parent.name,
    type: parent.type,
    source: parent.source,
    ...(parent.params && { params: parent.params }),
    ...(parent.tags && { tags: parent.tags }),
  }
  const others = types.filter((candidate) => candidate.name !== type)
  const { getPlan, checkPlan } = imagePlans(owner, image, others, { ...options, ...(parent.check_every !== undefined && { checkEvery: parent.check_every }) })
  return {
    ...(getPlan.get.image.base_type !== undefined && { base_type: getPlan.get.image.base_type }),
    privileged: parent.privileged ?? false,
    get_plan: getPlan,
    ...(checkPlan && { check_plan: { ...checkPlan, check: { ...checkPlan.check, resource_type: type } } }),
  }
}

/** `<owner>/image-check` (unless the version is given) and `<owner>/image-get` (Concourse: atc.FetchImagePlan). */
export function imagePlans(
  owner: PlanId,
  image: ImageResource,
  types: readonly ResourceTypeConfig[],
  options: ImagePlanOptions & { /** Of the type that the image is of. */ readonly checkEvery?: string },
): { getPlan: PlanNode<'get'>; checkPlan?: PlanNode<'check'> } {
  const tags = image.tags && image.tags.length > 0 ? image.tags : options.tags
  const nested: ImagePlanOptions = { skipInterval: options.skipInterval, ...(tags && { tags }) }
  // fly writes an empty name where a task file has none.
  const name = image.name === undefined || image.name === '' ? 'image' : image.name
  const getId = `${owner}/image-get`
  const checkId = `${owner}/image-check`
  const defaults = types.find((type) => type.name === image.type)?.defaults
  const common = { type: image.type, source: { ...defaults, ...image.source }, ...(tags && { tags }) }
  const checkPlan: PlanNode<'check'> | undefined = image.version
    ? undefined
    : {
        id: checkId,
        kind: 'check',
        check: {
          name,
          ...common,
          interval: options.checkEvery ?? defaultCheckInterval,
          ...(options.skipInterval && { skip_interval: true }),
          image: imageForType(checkId, image.type, types, nested),
        },
      }
  const getPlan: PlanNode<'get'> = {
    id: getId,
    kind: 'get',
    get: {
      name,
      ...common,
      ...(image.params && { params: image.params }),
      ...(image.version ? { version: image.version } : { version_from: checkId }),
      image: imageForType(getId, image.type, types, nested),
    },
  }
  return { getPlan, ...(checkPlan && { checkPlan }) }
}
