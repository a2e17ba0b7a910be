import type { BuildEvent } from '../../model/event.ts'
import type { Json } from '../../model/json.ts'
import type { Plan, PlanId } from '../../model/plan.ts'
import { isSerial } from '../../planner/across.ts'
import { children, type MadeChildren } from '../../planner/children.ts'
import { stepName, type StepName } from '../../planner/step-name.ts'

export interface StepLabel {
  readonly kind: StepName['kind']
  readonly step: string
  /** `task unit`, `get repo`; of an across `task unit (1.2, arm64)`. */
  readonly name: string
  /** Another step may print at the same time. */
  readonly parallel: boolean
  /** The plan is one of the step's image. */
  readonly image: boolean
}

type Label = Omit<StepLabel, 'image'>
type AcrossEvent = BuildEvent & { readonly type: 'across-substeps' }

const leaves = ['get', 'put', 'check', 'task'] as const

/** Names of a build's steps, by plan id; the steps of their images share the step's. `made`: what steps have made of themselves so far. */
export class StepLabels {
  private readonly labels = new Map<PlanId, Label>()
  /** The across steps whose combinations run one after the other. */
  private readonly serial = new Set<PlanId>()
  /** Those that run beside other steps. */
  private readonly parallel = new Set<PlanId>()

  static ofPlan(plan: Plan, made?: MadeChildren): StepLabels {
    const labels = new StepLabels()
    const visit = (node: Plan, parallel: boolean, values: string) => {
      const label = stepName(node)
      if (label !== undefined) labels.add(node.id, label, { parallel, values })
      if (node.kind === 'across' && isSerial(node.across)) labels.serial.add(node.id)
      if (node.kind === 'across' && parallel) labels.parallel.add(node.id)
      const inner = children(node, made).filter(({ role }) => role !== 'image')
      const inside = parallel || (inner.length > 1 && (node.kind === 'in_parallel' || (node.kind === 'across' && !labels.serial.has(node.id))))
      for (const child of inner) visit(child.plan, inside, child.values === undefined ? values : joined(values, child.values))
    }
    visit(plan, false, '')
    return labels
  }

  /** Of a plan as others see it, which does not say how many combinations of an across run at once: they count as side by side. */
  static ofPublicPlan(plan: Json): StepLabels {
    const labels = new StepLabels()
    labels.addPublic(plan, { parallel: false, values: '' })
    return labels
  }

  readonly of = (planId: PlanId): StepLabel | undefined => {
    // `<step>/image-get`, and what that has for its own image.
    for (let id = planId; ; id = id.slice(0, id.lastIndexOf('/'))) {
      const label = this.labels.get(id)
      if (label !== undefined) return { ...label, image: id !== planId }
      if (!id.includes('/')) return undefined
    }
  }

  /** The steps of an across, which are known when its turn has come. */
  addAcross({ data: { origin, substeps } }: AcrossEvent): void {
    const parallel = this.parallel.has(origin.id) || (substeps.length > 1 && !this.serial.has(origin.id))
    for (const { step, values } of substeps) this.addPublic(step, { parallel, values: joined('', values) })
  }

  private addPublic(node: Json, place: Place): void {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach((item) => this.addPublic(item, place))
    const { id } = node
    for (const kind of leaves) {
      const body = node[kind]
      if (typeof id === 'string' && typeof body === 'object' && body !== null && !Array.isArray(body) && typeof body['name'] === 'string') return this.add(id, { kind, name: body['name'] }, place)
    }
    for (const [key, item] of Object.entries(node)) this.addPublic(item, { ...place, parallel: place.parallel || key === 'in_parallel' })
  }

  private add(id: PlanId, { kind, name }: StepName, { parallel, values }: Place): void {
    this.labels.set(id, { kind, step: name, name: `${kind} ${name}${values === '' || name.includes(values) ? '' : ` (${values})`}`, parallel })
  }
}

/** Where a step stands. */
interface Place {
  readonly parallel: boolean
  /** Of the across around it. */
  readonly values: string
}

const longestValue = 40

function joined(outer: string, values: readonly Json[]): string {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).map((text) => (text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text))
  return [...(outer === '' ? [] : [outer]), ...texts].join(', ')
}
