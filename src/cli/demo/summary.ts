import type { BuildPorts } from '../../builds/ports.ts'
import { stepReports } from '../../builds/step-reports.ts'
import type { Plan } from '../../model/plan.ts'
import { eachPlan } from '../../planner/children.ts'
import type { ContainerCreation } from '../../runtime/contract.ts'

/** How many containers were made, and how many of them only to fetch an image. */
export function containersLine(plan: Plan, creations: readonly ContainerCreation[]): string {
  const own = new Set<string>()
  eachPlan(plan, (node) => {
    if (node.kind === 'get' && !node.id.includes('/')) own.add(node.get.name ?? '')
  })
  const gets = creations.filter((creation) => creation.type === 'get' && !own.has(creation.stepName)).length
  return `containers: ${creations.length} (${counts(creations)}), of these for fetching images: ${gets}`
}

function counts(creations: readonly ContainerCreation[]): string {
  const byType = new Map<string, number>()
  for (const { type } of creations) byType.set(type, (byType.get(type) ?? 0) + 1)
  return [...byType].map(([type, count]) => `${count} ${type}`).join(', ')
}

/** References of all images that steps of any build ran in. */
export async function imagesOf(builds: Pick<BuildPorts['builds'], 'list' | 'steps'>): Promise<string[]> {
  const references = new Set<string>()
  for (const { id } of await builds.list()) {
    for (const { image } of stepReports(await builds.steps(id)).values()) if (image !== undefined && image.by !== 'artifact') references.add(image.reference)
  }
  return [...references]
}
