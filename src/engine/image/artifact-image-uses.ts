import type { Plan } from '../../model/plan.ts'
import { eachWrittenPlan } from '../../planner/children.ts'
import { stepName, stepNameOf } from '../../planner/step-name.ts'
import type { EngineServices } from '../build-context.ts'
import { noArtifactImages } from './artifact-image.ts'
import { imageRequest, imageWay, isPulled, nativePulls, resourceTypeOf } from './image-way.ts'

/**
 * Steps of a plan that will run in an image that is an artifact, as far as the plan says it (what a task's file says is known when its
 * turn comes): a line for each that says which image and why.
 */
function artifactImageUses(plan: Plan, native: boolean): string[] {
  const uses = new Set<string>()
  const found = new Set<string>()
  eachWrittenPlan(plan, (node) => {
    if (node.kind === 'get' && isPulled(node.get, native)) found.add(stepNameOf(node))
  })
  eachWrittenPlan(plan, (node) => {
    const request = imageRequest(node)
    const step = stepName(node)
    if (request === undefined || step === undefined) return
    const way = imageWay(node.id, request, native)
    const say = (words: string) => uses.add(`${step.kind} ${step.name}: ${words}`)
    if (way.kind === 'get') say(`${request.kind === 'type' ? `the image of type ${resourceTypeOf(node)}` : 'its image'} is fetched by a get step`)
    if (way.kind === 'artifact' && !found.has(way.name)) say(`its image is artifact ${way.name}`)
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
  const uses = artifactImageUses(plan, nativePulls(services))
  const refused = uses.length === 0 ? undefined : await noArtifactImages(services, signal, onWait)
  return refused === undefined ? undefined : `${refused}\n${uses.map((use) => `  - ${use}`).join('\n')}`
}
