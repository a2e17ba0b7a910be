import type { AcrossVarConfig, CoreStep, GetStepConfig, InParallelConfig, PutStepConfig, StepConfig, StepModifiers } from '../../model/config.ts'
import type { StepKind } from '../inner-steps.ts'
import { list, mapOf, record, tags, texts, type Shape } from './collections.ts'
import { containerLimits } from './limits.ts'
import { anything, boolean, duration, freeMap, integerFrom, lateDuration, limit, param, quoteOf, text, textOrNothing, wrongType, type Reader } from './scalars.ts'
import { taskConfig } from './task.ts'

type FieldsOf<K extends StepKind> = Shape<Omit<Extract<CoreStep, { kind: K }>, 'kind'>>

const version: Reader<NonNullable<GetStepConfig['version']>> = (context, place) => {
  const { node } = place
  if (node.kind === 'map') return mapOf(text)(context, place)
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return wrongType(context, place, '`latest`, `every` or a version to pin')
  if (node.value === 'latest' || node.value === 'every') return node.value
  context.report(place, 'invalid-value', `the version ${quoteOf(place)} is neither \`latest\` nor \`every\`, and counts as \`latest\``, {
    severity: 'warning',
    hint: context.didYouMean(node.value, ['latest', 'every'], 'versions') ?? 'to pin a version, write it as a map, e.g. `version: {ref: abc}`',
  })
  return undefined
}

const putInputs: Reader<NonNullable<PutStepConfig['inputs']>> = (context, place) => {
  const { node } = place
  if (node.kind === 'list') return list(text)(context, place)?.map((name) => name.trim())
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return wrongType(context, place, '`all`, `detect` or a list of names')
  if (node.value === 'all' || node.value === 'detect') return node.value
  context.report(place, 'invalid-value', `the inputs of a put are \`all\`, \`detect\` or a list of names; ${quoteOf(place)} counts as none`, {
    severity: 'warning',
    hint: context.didYouMean(node.value, ['all', 'detect'], 'inputs') ?? 'write a list: `inputs: [name]`',
  })
  return []
}

function inParallel(steps: Reader<readonly StepConfig[]>): Reader<InParallelConfig> {
  const asMap = record<InParallelConfig>('in_parallel', { steps, limit, fail_fast: boolean }, {}, { defaults: { steps: () => [] }, unknown: 'ignored' })
  return (context, place) => {
    if (place.node.kind === 'list') return { steps: steps(context, place) ?? [] }
    if (place.node.kind !== 'map') return wrongType(context, place, 'a list of steps, or a map with `steps`')
    return asMap(context, place)
  }
}

const maxInFlight: Reader<number | 'all'> = (context, place) => {
  if (place.node.kind === 'scalar' && place.node.value === 'all') return 'all'
  return integerFrom(1)(context, place)
}

const across = list(record<AcrossVarConfig>('a var of across', { var: text, values: anything, max_in_flight: maxInFlight }, { var: () => '' }))

const file: Reader<string> = text

/** These read their own timeout when they run; around the others stands a step of its own, checked beforehand. */
export const ownTimeout: ReadonlySet<StepKind> = new Set(['run', 'task', 'put', 'get'])

/** The readers of a step's keys. `inner` reads the steps in it. */
export interface StepFields {
  readonly coreFields: { readonly [K in StepKind]: FieldsOf<K> }
  readonly modifierFields: Shape<StepModifiers>
  /** The readers of all keys that a step of a kind may have. */
  fieldsOf(kind: StepKind): { readonly [key: string]: Reader<unknown> }
}

export function stepFields(inner: Reader<StepConfig>): StepFields {
  const steps = list(inner)
  const coreFields: StepFields['coreFields'] = {
    get: { get: text, resource: text, version, params: freeMap, passed: texts, trigger: boolean, tags },
    put: { put: text, resource: text, params: freeMap, inputs: putInputs, get_params: freeMap, no_get: boolean, tags },
    task: {
      task: text,
      privileged: boolean,
      hermetic: boolean,
      file,
      config: taskConfig,
      container_limits: containerLimits,
      image: text,
      vars: freeMap,
      params: mapOf(param),
      input_mapping: mapOf(textOrNothing),
      output_mapping: mapOf(textOrNothing),
      tags,
    },
    run: { run: text, type: text, params: freeMap, privileged: boolean, tags, container_limits: containerLimits },
    set_pipeline: { set_pipeline: text, file, team: text, vars: freeMap, var_files: texts, instance_vars: freeMap },
    load_var: { load_var: text, file, format: text, reveal: boolean },
    do: { do: steps, tags },
    in_parallel: { in_parallel: inParallel(steps), tags },
    try: { try: inner },
  }

  const modifierFields: StepFields['modifierFields'] = {
    ensure: inner,
    on_error: inner,
    on_abort: inner,
    on_failure: inner,
    on_success: inner,
    across,
    fail_fast: boolean,
    attempts: integerFrom(1),
    timeout: (context, place) => {
      const value = duration(context, place)
      if (value === '') context.report(place, 'invalid-value', 'a timeout around steps cannot be empty', { hint: 'leave it out' })
      return value
    },
  }

  return {
    coreFields,
    modifierFields,
    fieldsOf: (kind) => ({
      ...coreFields[kind],
      ...modifierFields,
      ...(ownTimeout.has(kind) && { timeout: lateDuration }),
    }),
  }
}
