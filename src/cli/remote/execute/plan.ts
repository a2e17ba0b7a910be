import type { ImageResource, ResourceTypeConfig, TaskConfig } from '../../../model/config.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Plan, PlanId } from '../../../model/plan.ts'
import type { Version } from '../../../model/version.ts'
import { imageForType } from '../../../planner/image-plans.ts'

/** Where an input of the task comes from: an upload, or a version as a job would get it. */
export type TaskInput =
  | { readonly kind: 'upload'; readonly name: string; readonly artifact: number }
  | { readonly kind: 'get'; readonly name: string; readonly type: string; readonly source: JsonObject; readonly version: Version; readonly params?: JsonObject; readonly tags?: readonly string[] }

export interface Execution {
  readonly task: TaskConfig
  readonly inputs: readonly TaskInput[]
  /** Names of outputs that are kept to be downloaded. */
  readonly outputs: readonly string[]
  readonly mapping: Readonly<Record<string, string>>
  readonly image?: ImageResource
  readonly types: readonly ResourceTypeConfig[]
  readonly tags: readonly string[]
  readonly privileged: boolean
}

/** The plan of one task, as fly makes it: its inputs, the task, and its outputs whatever becomes of it. */
export function executionPlan({ task, inputs, outputs, mapping, image, types, tags, privileged }: Execution): Plan {
  let last = 0
  const id = (): PlanId => String(++last)
  const step: Plan = {
    id: id(),
    kind: 'do',
    do: [
      { id: id(), kind: 'in_parallel', in_parallel: { steps: inputs.map((input) => inputPlan(id(), input, types)) } },
      {
        id: id(),
        kind: 'task',
        task: {
          name: 'one-off',
          privileged,
          config: { ...task, ...(image && { image_resource: image }) },
          ...(Object.keys(mapping).length > 0 && { input_mapping: mapping }),
          ...(types.length > 0 && { resource_types: types }),
          ...(tags.length > 0 && { tags }),
        },
      },
    ],
  }
  if (outputs.length === 0) return step
  const kept: Plan = { id: id(), kind: 'in_parallel', in_parallel: { steps: outputs.map((name) => ({ id: id(), kind: 'artifact_output', artifact_output: { name } })) } }
  return { id: id(), kind: 'ensure', ensure: { step, ensure: kept } }
}

function inputPlan(id: PlanId, input: TaskInput, types: readonly ResourceTypeConfig[]): Plan {
  if (input.kind === 'upload') return { id, kind: 'artifact_input', artifact_input: { artifact_id: input.artifact, name: input.name } }
  const { kind: _kind, ...get } = input
  return { id, kind: 'get', get: { ...get, image: imageForType(id, get.type, types, { skipInterval: false, ...(get.tags && { tags: get.tags }) }) } }
}
