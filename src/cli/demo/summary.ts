import type { BuildEvent } from '../../model/event.ts'
import type { ImageSpec } from '../../model/image.ts'
import type { Plan } from '../../model/plan.ts'
import { eachPlan } from '../../planner/image-plans.ts'
import type { ContainerCreation } from '../../runtime/contract.ts'
import { stepLabels } from '../run/step-labels.ts'

/** Collects what the demo tells at its end. */
export class DemoSummary {
  private readonly images: { step: string; image: ImageSpec }[] = []
  private readonly began = new Map<string, number>()
  private readonly times: { step: string; ms: number }[] = []
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  image(_planId: string, step: string, image: ImageSpec): void {
    this.images.push({ step, image })
  }

  /** References of all images that steps ran in. */
  references(): string[] {
    return [...new Set(this.images.flatMap(({ image }) => (image.source.kind === 'registry' ? [image.source.reference] : [])))]
  }

  /** Takes each event as it arrives. */
  event(event: BuildEvent, labelOf: (planId: string) => string): void {
    switch (event.type) {
      case 'initialize-task':
      case 'initialize-get':
      case 'initialize-put': {
        const { id } = event.data.origin
        if (!id.includes('/')) this.began.set(id, this.now())
        return
      }
      case 'finish-task':
      case 'finish-get':
      case 'finish-put': {
        const began = this.began.get(event.data.origin.id)
        if (began !== undefined) this.times.push({ step: labelOf(event.data.origin.id), ms: this.now() - began })
        return
      }
      default:
        return
    }
  }

  lines(plan: Plan, creations: readonly ContainerCreation[]): string[] {
    const own = new Set<string>()
    eachPlan(plan, (node) => {
      if (node.kind === 'get' && !node.id.includes('/')) own.add(node.get.name ?? '')
    })
    const gets = creations.filter((creation) => creation.type === 'get' && !own.has(creation.stepName)).length
    const images = new Map(this.images.map(({ image }) => [image.source.kind === 'registry' ? image.source.reference : image.source.name, image]))
    return [
      'images',
      ...[...images].map(([reference, image]) => `  ${shorten(reference)}  (${howWords(image.resolvedBy)})`),
      `containers: ${creations.length} (${counts(creations)}), of these for fetching images: ${gets}`,
      'steps',
      ...this.times.map(({ step, ms }) => `  ${step.padEnd(24)} ${(ms / 1000).toFixed(2).padStart(6)} s`),
    ]
  }
}

export function labels(plan: Plan): (planId: string) => string {
  const labelOf = stepLabels(plan)
  return (planId) => labelOf(planId)?.name ?? planId
}

function shorten(reference: string): string {
  return reference.replace(/@sha256:([0-9a-f]{12})[0-9a-f]+$/, '  →  sha256:$1…')
}

function howWords(how: ImageSpec['resolvedBy']): string {
  switch (how) {
    case 'check':
      return 'by its check'
    case 'pin':
      return 'pinned'
    case 'tag':
      return 'by its tag'
    case 'node':
      return 'found by its node'
    case undefined:
      return 'an artifact'
  }
}

function counts(creations: readonly ContainerCreation[]): string {
  const byType = new Map<string, number>()
  for (const { type } of creations) byType.set(type, (byType.get(type) ?? 0) + 1)
  return [...byType].map(([type, count]) => `${count} ${type}`).join(', ')
}
