import { replaceAt, valueAt } from '../lib/at-keys.ts'
import type { CoreStep, StepConfig, StepModifiers } from '../model/config.ts'

export type StepKind = CoreStep['kind']

/** The modifiers that hold a step. */
export type HookName = { [K in keyof StepModifiers]-?: NonNullable<StepModifiers[K]> extends StepConfig ? K : never }[keyof StepModifiers]
export type Hooks = Pick<StepModifiers, HookName>

// Lists of names are the keys of records, so that the compiler misses a kind or a hook that is left out.

/** In Concourse's order of precedence. */
export const stepKinds = keysOf<StepKind>({ run: 0, task: 0, put: 0, get: 0, set_pipeline: 0, load_var: 0, try: 0, do: 0, in_parallel: 0 })

/** In the order in which they are planned. */
export const hookNames = keysOf<HookName>({ on_success: 0, on_failure: 0, on_abort: 0, on_error: 0, ensure: 0 })

function keysOf<K extends string>(record: Readonly<Record<K, 0>>): readonly K[] {
  return Object.keys(record) as K[]
}

/** Where a step holds other steps, besides its hooks. */
interface Slot {
  /** Keys from the step on. */
  readonly path: readonly string[]
  readonly list: boolean
}

const slots: Readonly<Record<StepKind, Slot | undefined>> = {
  get: undefined,
  put: undefined,
  task: undefined,
  run: undefined,
  set_pipeline: undefined,
  load_var: undefined,
  do: { path: ['do'], list: true },
  in_parallel: { path: ['in_parallel', 'steps'], list: true },
  try: { path: ['try'], list: false },
}

/** A step inside of another, and the keys that lead to it from there. */
export interface InnerStep {
  readonly step: StepConfig
  readonly keys: readonly (string | number)[]
}

/** The steps directly in a step: those of do, in_parallel and try, then its hooks. */
export function innerSteps(step: StepConfig): readonly InnerStep[] {
  const slot = slots[step.kind]
  if (slot === undefined) return hooksOf(step)
  const found = valueAt(step, slot.path)
  const core = slot.list ? (found as readonly StepConfig[]).map((inner, i) => ({ step: inner, keys: [...slot.path, i] })) : [{ step: found as StepConfig, keys: slot.path }]
  return [...core, ...hooksOf(step)]
}

export function hooksOf(holder: Hooks): readonly InnerStep[] {
  return hookNames.flatMap((hook) => {
    const step = holder[hook]
    return step === undefined ? [] : [{ step, keys: [hook] }]
  })
}

/** The step with `map` applied to each step directly in it. */
export function mapInnerSteps<T>(step: StepConfig, map: (inner: StepConfig) => T): object {
  const slot = slots[step.kind]
  const each = (found: unknown): unknown => (Array.isArray(found) ? found.map((inner: StepConfig) => map(inner)) : map(found as StepConfig))
  return { ...(slot === undefined ? step : (replaceAt(step, slot.path, each) as object)), ...mapHooks(step, map) }
}

/** The hooks of a step or job with `map` applied to each. */
export function mapHooks<T>(holder: Hooks, map: (hook: StepConfig) => T): { readonly [K in HookName]?: T } {
  return Object.fromEntries(hooksOf(holder).map(({ step, keys }) => [keys[0], map(step)]))
}
