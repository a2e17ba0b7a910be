import type { Plan } from '../../model/plan.ts'
import { children } from '../../planner/children.ts'
import type { EventWrite } from '../../model/build.ts'

/** Plan id → a name that people read: `get:repo`, `unit#2/image-check`. */
export function stepNames(plan: Plan): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const visit = (node: Plan, attempt: string) => {
    const name = `${nameOf(node)}${attempt}`
    names.set(node.id, name)
    for (const image of ['image-check', 'image-get', 'image-check/image-check', 'image-get/image-check']) names.set(`${node.id}/${image}`, `${name}/${image}`)
    for (const [index, child] of children(node).entries()) if (child.role !== 'image') visit(child.plan, child.role === 'attempt' ? `#${index + 1}` : attempt)
  }
  visit(plan, '')
  return names
}

function nameOf(node: Plan): string {
  switch (node.kind) {
    case 'get':
      return `get:${node.get.name}`
    case 'put':
      return `put:${node.put.name}`
    case 'task':
      return node.task.name
    case 'load_var':
      return `load_var:${node.load_var.name}`
    case 'set_pipeline':
      return `set_pipeline:${node.set_pipeline.name}`
    case 'run':
      return `run:${node.run.message}`
    default:
      return node.kind
  }
}

/** `type step details`, without times and ids. */
export function eventLine(event: EventWrite, names: ReadonlyMap<string, string>): string {
  const { time: _time, origin, plan, ...data } = JSON.parse(event.payload) as Record<string, unknown> & { origin?: { id: string; source?: string } }
  const name = origin === undefined ? '' : (names.get(origin.id) ?? origin.id)
  const source = origin?.source === undefined ? '' : ` ${origin.source}`
  const details = Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`
  return `${event.type} ${name}${source}${plan === undefined ? '' : ' (plan)'}${details}`.trim()
}

/** As eventLine, with log events that follow each other on one stream joined: where output is cut is nobody's promise. */
export function joinedEventLines(events: readonly EventWrite[], names: ReadonlyMap<string, string>): string[] {
  const lines: string[] = []
  let log: { origin: string; name: string; payload: string } | undefined
  const flush = () => {
    if (log !== undefined) lines.push(`log ${log.name} ${JSON.stringify(log.payload)}`)
    log = undefined
  }
  for (const event of events) {
    if (event.type !== 'log') {
      flush()
      lines.push(eventLine(event, names))
      continue
    }
    const { origin, payload } = JSON.parse(event.payload) as { origin: { id: string; source: string }; payload: string }
    const key = `${origin.id} ${origin.source}`
    if (log?.origin !== key) flush()
    log = { origin: key, name: `${names.get(origin.id) ?? origin.id} ${origin.source}`, payload: (log?.payload ?? '') + payload }
  }
  flush()
  return lines
}
