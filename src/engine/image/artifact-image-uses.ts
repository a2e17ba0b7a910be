import type { Plan, PlanNode, TypeImage } from '../../model/plan.ts'
import { eachPlan } from '../../planner/children.ts'
import { imagePlans } from '../../planner/image-plans.ts'
import { noArtifactImages } from './artifact-image.ts'
import type { EngineServices } from '../build-context.ts'
import { nativelyFetched } from './native-type.ts'

/**
 * Steps of a plan that will run in an image that is an artifact, as far as the plan says it (what a task's file says is known when its
 * turn comes): a line for each that says which image and why.
 */
function artifactImageUses(plan: Plan, native: boolean): string[] {
  const uses = new Set<string>()
  const found = new Set<string>()
  eachPlan(plan, (node) => {
    if (node.kind === 'get' && native && nativelyFetched(node.get)) found.add(node.get.name ?? node.get.type)
  })
  const ofType = (step: string, type: string, image: TypeImage): void => {
    const get = image.get_plan as PlanNode<'get'> | undefined
    if (get !== undefined && !(native && nativelyFetched(get.get))) uses.add(`${step}: the image of type ${type} is fetched by a get step`)
  }
  eachPlan(plan, (node) => {
    switch (node.kind) {
      case 'get':
        return ofType(`get ${node.get.name ?? node.get.type}`, node.get.type, node.get.image)
      case 'put':
        return ofType(`put ${node.put.name}`, node.put.type, node.put.image)
      case 'check':
        return ofType(`check ${node.check.name}`, node.check.type, node.check.image)
      case 'task': {
        const { name, image, config, resource_types: types = [] } = node.task
        if (image !== undefined) {
          if (!found.has(image)) uses.add(`task ${name}: its image is artifact ${image}`)
        } else if (config?.image_resource !== undefined) {
          const { getPlan } = imagePlans(node.id, config.image_resource, types, { skipInterval: false })
          if (!(native && nativelyFetched(getPlan.get))) uses.add(`task ${name}: its image is fetched by a get step`)
        }
      }
    }
  })
  return [...uses]
}

/**
 * Why a build must not begin: it would end in a step whose image this runtime cannot run. Undefined: nothing is known against it. Only a
 * plan with such an image waits until that is known; `onWait` is told why. Throws on an abort.
 */
export async function refusedImages(
  services: Pick<EngineServices, 'runtime' | 'options' | 'artifactImages'>,
  plan: Plan,
  signal: AbortSignal,
  onWait: (line: string) => void,
): Promise<string | undefined> {
  const { runtime, options } = services
  const uses = artifactImageUses(plan, options.nativeImageFetch && runtime.capabilities.nativeImageFetch)
  const refused = uses.length === 0 ? undefined : await noArtifactImages(services, signal, onWait)
  return refused === undefined ? undefined : `${refused}\n${uses.map((use) => `  - ${use}`).join('\n')}`
}
