import type { Json, JsonObject } from '../model/json.ts'
import type { LoadVarPlan, PlanNode } from '../model/plan.ts'
import { fail, type Result } from '../model/result.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { aborted, errored, succeeded } from './outcome.ts'
import type { ImageFailure, LoadVarPorts, Step } from './ports.ts'

/** Reads a file of an artifact into a var of the scope: `((.:name))`. */
export function loadVarStep({ load_var: plan }: PlanNode<'load_var'>, ports: LoadVarPorts): Step {
  return {
    async run(state, signal) {
      const running = { ports, state, signal }
      let loaded: Result<Json, ImageFailure> | undefined
      const outcome = await leaf(running, async () => end(running, plan.name, (loaded = await load(plan, running))))
      if (outcome.kind !== 'succeeded') return outcome
      // The record of a step holds no value, which may be secret: after a restart the file is read again, and an artifact never changes.
      loaded ??= await load(plan, running)
      if (loaded.ok) {
        state.addLocalVar(plan.name, { value: loaded.value, secret: plan.reveal !== true })
        return outcome
      }
      if (loaded.error.kind === 'aborted') return aborted
      ports.emit({ type: 'error', data: { message: loaded.error.message, origin: { id: ports.planId }, time: ports.time() } }, 'error')
      return errored(loaded.error.message)
    },
  }
}

async function load({ file: written, format, reveal }: LoadVarPlan, { ports, state, signal }: Running<LoadVarPorts>): Promise<Result<Json, ImageFailure>> {
  const failed = (message: string) => fail({ kind: 'failed' as const, message })
  const event = { origin: { id: ports.planId }, time: ports.time() }
  ports.emit({ type: 'initialize', data: event }, 'initialize')
  const filled = await ports.interpolate<JsonObject>({ file: written, ...(format !== undefined && { format }) }, state, signal)
  if (!filled.ok) return filled
  const { file, format: named } = filled.value
  if (typeof file !== 'string') return failed('the `file` of a load_var step is text, as in "repo/version"; its vars make it something else')
  const files = await ports.download(file.split('/', 1), state, signal)
  if (!files.ok) return files
  ports.emit({ type: 'start', data: event }, 'start')
  const value = await ports.loadVar({ file, format: named, reveal: reveal === true }, state)
  return value.ok ? value : failed(value.error)
}

function end({ ports }: Running<LoadVarPorts>, name: string, loaded: Result<Json, ImageFailure>): LeafEnd {
  if (!loaded.ok) return unfetched(loaded.error)
  const event = { origin: { id: ports.planId }, time: ports.time() }
  const log = { ...event, origin: { ...event.origin, source: 'stdout' as const }, payload: `var ${name} fetched.\nadded var ${name} to build.\n` }
  return {
    outcome: succeeded,
    events: [
      { key: 'loaded', event: { type: 'log', data: log } },
      { key: 'finish', event: { type: 'finish', data: { ...event, succeeded: true } } },
    ],
  }
}
