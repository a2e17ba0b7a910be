import type { AcrossVarConfig, JobConfig, PipelineConfig, ResourceConfig, StepConfig } from '../model/config.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Plan, PlanBodies, PlanKind, PlanNode } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import type { Version } from '../model/version.ts'
import { imageForType } from './image-plans.ts'

export interface JobPlanOptions {
  /** Versions chosen for the job's inputs, by the get step's name. */
  readonly inputs: ReadonlyMap<string, Version>
  /** Inputs that are there already, by the get step's name: nothing is fetched for them. */
  readonly local?: ReadonlySet<string>
  /** Values of tasks' params that a person gave in the place of the config's; only of those that a task declares. */
  readonly params?: JsonObject
  /** Triggered by hand: images of types are checked anew, whatever `check_every` says. */
  readonly manual: boolean
}

export type PlanError =
  | { readonly kind: 'unknown-resource'; readonly step: string; readonly resource: string }
  | { readonly kind: 'unknown-prototype'; readonly step: string; readonly prototype: string }
  | { readonly kind: 'no-input-version'; readonly step: string }

/** Job and chosen versions → plan. Pure: ids are hex counters in the order in which steps are met, so equal input gives an equal plan. */
export function planJob(config: PipelineConfig, job: JobConfig, options: JobPlanOptions): Result<Plan, PlanError> {
  try {
    return ok(new JobPlanner(config, options).job(job))
  } catch (error) {
    if (error instanceof Unplannable) return fail(error.reason)
    throw error
  }
}

/** Names of the params that a task step has: its own, and those of a config that stands in the pipeline. */
export const declaredParams = (step: StepConfig & { kind: 'task' }): ReadonlySet<string> => new Set([...Object.keys(step.params ?? {}), ...Object.keys(step.config?.params ?? {})])

class Unplannable extends Error {
  readonly reason: PlanError
  constructor(reason: PlanError) {
    super(reason.kind)
    this.reason = reason
  }
}

class JobPlanner {
  private readonly config: PipelineConfig
  private readonly options: JobPlanOptions
  private lastId = 0

  constructor(config: PipelineConfig, options: JobPlanOptions) {
    this.config = config
    this.options = options
  }

  job(job: JobConfig): Plan {
    const steps = this.node('do', job.plan.map((step) => this.step(step)))
    return this.hooks(steps, job)
  }

  private step(step: StepConfig): Plan {
    let plan: Plan
    if (step.attempts !== undefined) {
      const attempts = Array.from({ length: step.attempts }, () => this.core(step))
      plan = this.node('retry', attempts)
    } else {
      plan = this.core(step)
    }
    return this.hooks(step.across === undefined ? plan : this.across(plan, step.across, step.fail_fast), step)
  }

  private across(template: Plan, vars: readonly AcrossVarConfig[], failFast: boolean | undefined): Plan {
    return this.node('across', {
      vars: vars.map(({ var: name, values, max_in_flight }) => ({ name, ...(values !== undefined && { values }), ...(max_in_flight !== undefined && { max_in_flight }) })),
      substep_template: template,
      ...(failFast && { fail_fast: true }),
    })
  }

  /** The outermost modifier comes last: ensure sees what the other hooks made of the step. */
  private hooks(plan: Plan, hooks: Pick<StepConfig, 'on_success' | 'on_failure' | 'on_abort' | 'on_error' | 'ensure'>): Plan {
    if (hooks.on_success) plan = this.node('on_success', { step: plan, on_success: this.step(hooks.on_success) })
    if (hooks.on_failure) plan = this.node('on_failure', { step: plan, on_failure: this.step(hooks.on_failure) })
    if (hooks.on_abort) plan = this.node('on_abort', { step: plan, on_abort: this.step(hooks.on_abort) })
    if (hooks.on_error) plan = this.node('on_error', { step: plan, on_error: this.step(hooks.on_error) })
    if (hooks.ensure) plan = this.node('ensure', { step: plan, ensure: this.step(hooks.ensure) })
    return plan
  }

  private core(step: StepConfig): Plan {
    switch (step.kind) {
      case 'get':
        return this.get(step)
      case 'put':
        return this.put(step)
      case 'task':
        return this.task(step)
      case 'do':
        return this.withTimeout(this.node('do', step.do.map((child) => this.step(child))), step)
      case 'in_parallel': {
        const { steps, limit, fail_fast } = step.in_parallel
        const body = {
          steps: steps.map((child) => this.step(child)),
          ...(limit !== undefined && { limit }),
          ...(fail_fast && { fail_fast }),
        }
        return this.withTimeout(this.node('in_parallel', body), step)
      }
      case 'try':
        return this.withTimeout(this.node('try', { step: this.step(step.try) }), step)
      case 'run':
        return this.run(step)
      case 'load_var':
        return this.withTimeout(this.loadVar(step), step)
      case 'set_pipeline':
        return this.withTimeout(this.setPipeline(step), step)
    }
  }

  private withTimeout(plan: Plan, step: StepConfig): Plan {
    return step.timeout === undefined ? plan : this.node('timeout', { step: plan, duration: step.timeout })
  }

  private get(step: StepConfig & { kind: 'get' }): Plan {
    if (this.options.local?.has(step.get)) return this.node('artifact_input', { artifact_id: 0, name: step.get })
    const name = step.resource ?? step.get
    const resource = this.resource(step.get, name)
    const version = this.options.inputs.get(step.get)
    if (version === undefined) throw new Unplannable({ kind: 'no-input-version', step: step.get })
    const id = this.nextId()
    return {
      id,
      kind: 'get',
      get: {
        name: step.get,
        type: resource.type,
        resource: name,
        source: this.source(resource),
        image: this.image(id, resource, step.tags, false),
        version,
        ...(step.params && { params: step.params }),
        ...(step.tags && { tags: step.tags }),
        ...(step.timeout !== undefined && { timeout: step.timeout }),
      },
    }
  }

  private put(step: StepConfig & { kind: 'put' }): Plan {
    const name = step.resource ?? step.put
    const resource = this.resource(step.put, name)
    const id = this.nextId()
    const common = {
      name: step.put,
      type: resource.type,
      resource: name,
      source: this.source(resource),
      ...(step.tags && { tags: step.tags }),
      ...(step.timeout !== undefined && { timeout: step.timeout }),
    }
    const put: PlanNode<'put'> = {
      id,
      kind: 'put',
      put: {
        ...common,
        image: this.image(id, resource, step.tags, this.options.manual),
        ...(step.params && { params: step.params }),
        ...(step.inputs !== undefined && { inputs: step.inputs }),
        ...(resource.expose_build_created_by && { expose_build_created_by: true }),
      },
    }
    if (step.no_get) return put
    const getId = this.nextId()
    const get: PlanNode<'get'> = {
      id: getId,
      kind: 'get',
      get: {
        ...common,
        image: this.image(getId, resource, step.tags, this.options.manual),
        version_from: id,
        ...(step.get_params && { params: step.get_params }),
      },
    }
    return this.node('on_success', { step: put, on_success: get })
  }

  private task(step: StepConfig & { kind: 'task' }): Plan {
    return this.node('task', {
      name: step.task,
      privileged: step.privileged ?? false,
      ...(step.hermetic && { hermetic: true }),
      ...(step.config && { config: step.config }),
      ...(step.file !== undefined && { config_path: step.file }),
      ...(step.container_limits && { container_limits: step.container_limits }),
      ...(step.image !== undefined && { image: step.image }),
      ...(step.vars && { vars: step.vars }),
      ...this.taskParams(step),
      ...(step.input_mapping && { input_mapping: step.input_mapping }),
      ...(step.output_mapping && { output_mapping: step.output_mapping }),
      ...(step.tags && { tags: step.tags }),
      ...(step.timeout !== undefined && { timeout: step.timeout }),
      ...(this.config.resource_types && { resource_types: this.config.resource_types }),
      ...(this.options.manual && { check_skip_interval: true }),
    })
  }

  private taskParams(step: StepConfig & { kind: 'task' }): { readonly params?: { readonly [name: string]: Json } } {
    const declared = declaredParams(step)
    const given = Object.entries(this.options.params ?? {}).filter(([name]) => declared.has(name))
    return step.params === undefined && given.length === 0 ? {} : { params: { ...step.params, ...Object.fromEntries(given) } }
  }

  private run(step: StepConfig & { kind: 'run' }): Plan {
    const prototype = this.config.prototypes?.find(({ name }) => name === step.type)
    if (prototype === undefined) throw new Unplannable({ kind: 'unknown-prototype', step: step.run, prototype: step.type })
    return this.node('run', {
      message: step.run,
      type: step.type,
      object: { ...prototype.defaults, ...step.params },
      privileged: step.privileged ?? false,
      ...(step.tags && { tags: step.tags }),
      ...(step.container_limits && { container_limits: step.container_limits }),
      ...(step.timeout !== undefined && { timeout: step.timeout }),
    })
  }

  private setPipeline({ set_pipeline: name, file, team, vars, var_files, instance_vars }: StepConfig & { kind: 'set_pipeline' }): Plan {
    return this.node('set_pipeline', {
      name,
      file,
      ...(team !== undefined && { team }),
      ...(vars && { vars }),
      ...(var_files && { var_files }),
      ...(instance_vars && { instance_vars }),
    })
  }

  private loadVar(step: StepConfig & { kind: 'load_var' }): Plan {
    return this.node('load_var', {
      name: step.load_var,
      file: step.file,
      ...(step.format !== undefined && { format: step.format }),
      ...(step.reveal && { reveal: true }),
    })
  }

  private resource(step: string, name: string): ResourceConfig {
    const resource = this.config.resources?.find((candidate) => candidate.name === name)
    if (resource === undefined) throw new Unplannable({ kind: 'unknown-resource', step, resource: name })
    return resource
  }

  /** The resource's source over the defaults of its type. */
  private source(resource: ResourceConfig): JsonObject {
    return { ...this.config.resource_types?.find((type) => type.name === resource.type)?.defaults, ...resource.source }
  }

  private image(id: string, resource: ResourceConfig, tags: readonly string[] | undefined, skipInterval: boolean) {
    return imageForType(id, resource.type, this.config.resource_types ?? [], { skipInterval, ...(tags && { tags }) })
  }

  private node<K extends PlanKind>(kind: K, body: PlanBodies[K]): PlanNode<K> {
    return { id: this.nextId(), kind, [kind]: body } as unknown as PlanNode<K>
  }

  private nextId(): string {
    this.lastId += 1
    return this.lastId.toString(16)
  }
}
