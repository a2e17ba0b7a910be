import type { StepLabel } from '../run/step-labels.ts'

const named = ['get', 'put', 'task', 'check'] as const

/** Names of the steps of a public plan, by plan id, and which run side by side; the steps of a step's image share its name. */
export function labelsOf(plan: unknown): (planId: string) => StepLabel | undefined {
  const labels = new Map<string, StepLabel>()
  const visit = (value: unknown, parallel: boolean): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const item of value) visit(item, parallel)
      return
    }
    const node = value as Readonly<Record<string, unknown>>
    const id = node['id']
    for (const [key, inside] of Object.entries(node)) {
      const kind = named.find((kind) => kind === key)
      const step = kind !== undefined && typeof inside === 'object' && inside !== null && 'name' in inside ? inside.name : undefined
      if (kind !== undefined && typeof id === 'string' && typeof step === 'string') labels.set(id, { kind, step, name: `${kind} ${step}`, parallel })
      visit(inside, parallel || key === 'in_parallel' || key === 'across')
    }
  }
  visit(plan, false)
  return (planId) => {
    for (let id = planId; ; id = id.slice(0, id.lastIndexOf('/'))) {
      const label = labels.get(id)
      if (label !== undefined || !id.includes('/')) return label
    }
  }
}
