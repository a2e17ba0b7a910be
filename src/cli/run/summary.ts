import { savedAhead } from '../../builds/saved-ahead.ts'
import { madeChildren, stepReports } from '../../builds/step-reports.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Plan } from '../../model/plan.ts'
import type { ContainerOrigin, ImageReport, StepReport, StepWait } from '../../model/step-report.ts'
import { children } from '../../planner/children.ts'
import { stepName } from '../../planner/step-name.ts'
import { StepLabels } from './step-labels.ts'

/** Waits that are shorter get no line, ms. */
const worthALine = 1_000
/** The longest waits of a step that get one. */
const linesPerStep = 3
const longestCell = 80

/** A build's steps as a table: how long each waited and ran, what image it had and how that came, what it left; and what preparing containers ahead saved. `records` by plan id. */
export function runSummary(plan: Plan, records: ReadonlyMap<string, JsonObject>): string[] {
  const steps = reportedSteps(plan, records)
  if (steps.length === 0) return []
  const rows = steps.map(({ name, report }) => [name, waited(report), ran(report), image(report.image), came(report), outputs(report)])
  const table = [['step', 'waited', 'ran', 'image', 'pulled', 'outputs'], ...rows].map((row) => row.map((cell) => shortened(cell)))
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const [head = '', ...lines] = table.map((row) => row.map((cell, column) => (numeric.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd())
  const saved = savedAhead(plan, madeChildren(plan, records), stepReports(records))
  return [head, ...lines.flatMap((line, index) => [line, ...longWaits(steps[index]?.report.waits ?? [])]), ...(saved > 0 ? [`Preparing ahead saved about ${seconds(saved)}.`] : [])]
}

/** Columns of times, which end at the right. */
const numeric: ReadonlySet<number> = new Set([1, 2])

/** In the plan's order; a step's check, get and download of an image behind it, where they had a container. */
function reportedSteps(plan: Plan, records: ReadonlyMap<string, JsonObject>): { name: string; report: StepReport }[] {
  const made = madeChildren(plan, records)
  const { of: labelOf } = StepLabels.ofPlan(plan, made)
  const order: string[] = []
  const visit = (node: Plan): void => {
    if (stepName(node) !== undefined) order.push(node.id)
    for (const child of children(node, made)) if (child.role !== 'image') visit(child.plan)
  }
  visit(plan)
  const reports = [...stepReports(records)]
  return order.flatMap((id) => {
    const label = labelOf(id)?.name ?? id
    const nested = reports.filter(([planId, report]) => planId.startsWith(`${id}/`) && report.container !== undefined)
    const own = reports.filter(([planId]) => planId === id)
    return [...own, ...nested].map(([planId, report]) => ({ name: `${label}${planId.slice(id.length).replaceAll('/', ', ').replaceAll('-', ' ')}`, report }))
  })
}

/** From the step's turn to its process; all that the step took where it had none. */
function waited({ times: { turn, start, end } }: StepReport): string {
  const until = start ?? end
  return turn === undefined || until === undefined ? '' : seconds(until - turn)
}

function ran({ times: { start, end } }: StepReport): string {
  return start === undefined || end === undefined ? '' : seconds(end - start)
}

function image(report: ImageReport | undefined): string {
  if (report === undefined) return ''
  const name = report.reference.replace(/@.*$/, '')
  const digest = report.digest === undefined ? '' : ` ${report.digest.replace(/^sha256:/, '').slice(0, 12)}`
  return `${shortened(name, longestCell - 35)}${digest} (${by[report.by]})`
}

const by: Readonly<Record<ImageReport['by'], string>> = {
  check: 'by its check', pin: 'pinned', tag: 'by its tag', node: 'found by its node', artifact: 'an artifact', 'base-type': 'of a base type',
}

function came({ image: of, container }: StepReport): string {
  const parts = [
    of?.pull === undefined ? '' : of.pull.kind === 'cached' ? 'cached' : seconds(of.pull.ms),
    of === undefined || of.layerBytes === 0 ? '' : `${size(of.layerBytes)} through here`,
    container === undefined ? '' : origins[container],
  ]
  return parts.filter((part) => part !== '').join(', ')
}

const origins: Readonly<Record<ContainerOrigin, string>> = { made: '', 'prepared-ahead': 'ahead', shared: 'shared', 'warm-sandbox': 'warm sandbox' }

function outputs({ outputs: stored, moreOutputs = 0 }: StepReport): string {
  return [...stored.map(({ name, bytes }) => `${name} ${size(bytes)}`), ...(moreOutputs > 0 ? [`${moreOutputs} more`] : [])].join(', ')
}

function longWaits(waits: readonly StepWait[]): string[] {
  const long = waits.flatMap(({ message, from, to }) => (to === undefined || to - from < worthALine ? [] : [{ message, ms: to - from }]))
  return long.toSorted((a, b) => b.ms - a.ms).slice(0, linesPerStep).map(({ message, ms }) => `  waited ${seconds(ms)}: ${shortened(message.replaceAll('\n', ' '), 100)}`)
}

const shortened = (text: string, length = longestCell): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

/** Clocks may step back. */
const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [unit, of] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${(bytes / (of as number)).toFixed(1)} ${unit as string}`
}
