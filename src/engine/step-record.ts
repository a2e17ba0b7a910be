import type { ImageSpec } from '../model/image.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { StepReport } from '../model/step-report.ts'
import type { FinishedStep } from '../steps/ports.ts'

/** What is kept of a step: once its work has been assigned, and when it has finished. JSON in the database. */
export type StepRecord =
  | AssignedStep
  | { readonly phase: 'finished'; readonly finished: FinishedStep; readonly report: StepReport; readonly secrets?: LearntTexts }
  /** Of an across, which plans its children when its turn comes: its vars' values, and the secrets among them. Stored encrypted. */
  | { readonly phase: 'children'; readonly values: readonly (readonly Json[])[]; readonly secrets: readonly string[] }
  /** Of a timeout around steps: when they began, unix ms. */
  | { readonly phase: 'timing'; readonly startedAt: number }

/** That the log must not show (learnt-secrets.ts): given beside the record when that is written, and read with it. */
type LearntTexts = readonly string[]

interface AssignedStep {
  readonly phase: 'assigned'
  readonly secrets?: LearntTexts
  readonly image: ImageSpec
  readonly handle: string
  /** The assignment's id; absent: the container's first. */
  readonly assignment?: string
  /** `times.start` is there of a step that has a time limit, once its process has started. */
  readonly report: StepReport
}

/** Credentials are left out: adopting a container needs none. */
export function assignedRecord({ image, ...about }: Omit<AssignedStep, 'phase' | 'secrets'>): JsonObject {
  const { source } = image
  const kept = source.kind === 'registry' ? { kind: source.kind, reference: source.reference, host: source.host } : source
  return asJson({ phase: 'assigned', ...about, image: { ...image, source: kept } } satisfies StepRecord)
}

export function finishedRecord(finished: FinishedStep, report: StepReport): JsonObject {
  return asJson({ phase: 'finished', finished, report } satisfies StepRecord)
}

/** Of a step that another build takes as it ended: that build names it, and its times are not the other's. */
export function reusedRecord({ finished, report }: { readonly finished: FinishedStep; readonly report: StepReport }, of: string): JsonObject {
  const { outputs, moreOutputs } = report
  return finishedRecord(finished, { times: {}, waits: [], outputs, ...(moreOutputs !== undefined && { moreOutputs }), reusedFrom: report.reusedFrom ?? of })
}

export function timingRecord(startedAt: number): JsonObject {
  return asJson({ phase: 'timing', startedAt } satisfies StepRecord)
}

export function childrenRecord(values: readonly (readonly Json[])[], secrets: readonly string[]): JsonObject {
  return asJson({ phase: 'children', values, secrets } satisfies StepRecord)
}

/** Our own rows, written by the functions above. */
export function readRecord(record: JsonObject | undefined): StepRecord | undefined {
  return record as StepRecord | undefined
}

/** The report in a step's record, for UI, API and summary. */
export function reportOf(record: JsonObject): StepReport | undefined {
  const read = readRecord(record)
  return read !== undefined && 'report' in read ? read.report : undefined
}

function asJson(value: StepRecord): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
