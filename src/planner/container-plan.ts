import type { Plan, PlanKind, PlanNode } from '../model/plan.ts'

/** The kinds of steps that run in a container of their own. */
type ContainerKind = 'get' | 'put' | 'check' | 'task'
export type ContainerPlan = PlanNode<ContainerKind>

const inContainer: { readonly [K in PlanKind]: K extends ContainerKind ? true : false } = {
  get: true,
  put: true,
  check: true,
  task: true,
  run: false,
  set_pipeline: false,
  load_var: false,
  do: false,
  in_parallel: false,
  across: false,
  on_success: false,
  on_failure: false,
  on_abort: false,
  on_error: false,
  ensure: false,
  try: false,
  timeout: false,
  retry: false,
  artifact_input: false,
  artifact_output: false,
}

export const isContainerPlan = (plan: Plan): plan is ContainerPlan => inContainer[plan.kind]
