import type { GetStepConfig, JobConfig, StepConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { hookNames, innerSteps } from '../inner-steps.ts'
import { varFormats } from '../parse-var-file.ts'
import { quote } from '../quote.ts'
import { hasVar } from '../vars/reference.ts'
import { resourceOf } from '../walk-steps.ts'
import type { JobsByGlob } from './jobs-by-glob.ts'
import { validateIdentifier } from './names.ts'
import type { PassedGraph } from './passed-graph.ts'

export interface Surroundings {
  readonly byGlob: JobsByGlob
  /** Resources that each job gets or puts. */
  readonly touched: ReadonlyMap<JobConfig, ReadonlySet<string>>
  readonly resources: ReadonlySet<string>
  readonly prototypes: ReadonlySet<string>
  readonly graph: PassedGraph
}

/** They stand around `across`, and do not see its vars. */
const hooks: ReadonlySet<unknown> = new Set(hookNames)

/** What decoding cannot see in a job's steps: names that refer to something. */
export class StepValidator {
  readonly #context: Context
  readonly #around: Surroundings
  readonly #job: JobConfig
  readonly #gets = new Set<string>()

  constructor(context: Context, around: Surroundings, job: JobConfig) {
    this.#context = context
    this.#around = around
    this.#job = job
  }

  run(): void {
    const { on_success, on_failure, on_abort, on_error, ensure, plan } = this.#job
    const locals = new Set<string>()
    for (const step of [...plan, on_success, on_failure, on_abort, on_error, ensure]) if (step !== undefined) this.#visit(step, [locals])
  }

  /** `scopes` are the local vars declared so far, the innermost last. */
  #visit(step: StepConfig, scopes: readonly Set<string>[]): void {
    let inner = scopes
    if (step.across !== undefined) {
      inner = [...scopes, new Set<string>()]
      if (step.across.length === 0) this.#context.report(this.#context.placeOf(step, 'across'), 'missing', '`across` has no vars')
      step.across.forEach((across) => this.#declare(across.var, across, 'var', inner))
    }
    this.#core(step, inner)
    for (const { step: child, keys: [key] } of innerSteps(step)) this.#visit(child, hooks.has(key) ? scopes : inner)
  }

  #core(step: StepConfig, scopes: readonly Set<string>[]): void {
    const context = this.#context
    // Inside of across a name may be made from its vars.
    const varsAllowed = scopes.length > 1
    switch (step.kind) {
      case 'get':
        validateIdentifier(context, step, 'get')
        this.#get(step)
        return
      case 'put':
        validateIdentifier(context, step, 'put')
        this.#resource(step, resourceOf(step), step.resource === undefined ? 'put' : 'resource')
        return
      case 'task':
        validateIdentifier(context, step, 'task', { varsAllowed })
        this.#task(step)
        return
      case 'run':
        validateIdentifier(context, step, 'run', { fault: 'error' })
        if (step.type === undefined) context.report(context.placeOf(step), 'missing', 'a run step needs `type`, the prototype to run')
        else this.#known(step, ['type'], step.type, { what: 'prototype', names: this.#around.prototypes })
        return
      case 'set_pipeline':
        if (step.set_pipeline !== 'self') validateIdentifier(context, step, 'set_pipeline', { varsAllowed })
        if (!step.file) context.report(context.placeOf(step), 'missing', 'a set_pipeline step needs `file`')
        return
      case 'load_var':
        validateIdentifier(context, step, 'load_var')
        this.#declare(step.load_var, step, 'load_var', scopes)
        if (!step.file) context.report(context.placeOf(step), 'missing', 'a load_var step needs `file`')
        if (step.format !== undefined && step.format !== '' && !varFormats.some((format) => format === step.format) && !hasVar(step.format)) {
          context.report(context.placeOf(step, 'format'), 'invalid-value', `there is no format ${quote(step.format)}`, {
            hint: context.didYouMean(step.format, varFormats, 'format') ?? `it can be ${varFormats.join(', ')}`,
          })
        }
        return
      case 'do':
      case 'in_parallel':
      case 'try':
        return
    }
  }

  #get(step: GetStepConfig): void {
    const context = this.#context
    const resource = resourceOf(step)
    if (step.get !== '' && this.#gets.has(step.get)) {
      context.report(context.placeOf(step, 'get'), 'duplicate-name', `another step of this job gets ${quote(step.get)} already`, {
        hint: 'give one of them another name, with `resource: ' + resource + '`',
      })
    }
    this.#gets.add(step.get)
    this.#resource(step, resource, step.resource === undefined ? 'get' : 'resource')
    step.passed?.forEach((pattern, i) => this.#passed(step, resource, pattern, i))
  }

  #passed(step: GetStepConfig, resource: string, pattern: string, i: number): void {
    const context = this.#context
    const place = context.placeOf(step, 'passed', i)
    const found = this.#around.byGlob.find(pattern, 'passed')
    if (found === undefined) context.report(place, 'invalid-value', `${quote(pattern)} is no pattern for jobs' names`)
    else if (found.length === 0) this.#known(step, ['passed', i], pattern, { what: 'job', names: new Set(this.#around.byGlob.names) })
    this.#around.graph.add(this.#job, found ?? [], place)
    if (!this.#around.resources.has(resource)) return
    for (const job of found ?? []) {
      if (this.#around.touched.get(job)?.has(resource)) continue
      context.report(place, 'unknown-reference', `the job ${quote(job.name)} neither gets nor puts ${quote(resource)}, so no version of it can have passed`)
    }
  }

  #task(step: StepConfig & { kind: 'task' }): void {
    const context = this.#context
    if (step.config === undefined && !step.file) {
      // A `config` that could not be read has had its findings.
      const written = context.placeOf(step, 'config')
      if (written?.path?.key !== 'config' || written.node.kind !== 'map') {
        context.report(context.placeOf(step), 'missing', 'a task needs `file` or `config`')
      }
    }
    if (step.config !== undefined && step.file) {
      context.reportKey(context.placeOf(step, 'config'), 'conflict', 'a task has `file` or `config`, not both', { hint: 'remove one of them' })
    }
    if (step.image !== undefined && (step.config?.image_resource !== undefined || step.config?.rootfs_uri !== undefined)) {
      context.report(context.placeOf(step, 'image'), 'conflict', 'this `image` takes the place of the image in `config`', { severity: 'warning' })
    }
  }

  #resource(step: StepConfig, name: string, key: string): void {
    if (name !== '') this.#known(step, [key], name, { what: 'resource', names: this.#around.resources })
  }

  /** Reports a name at `keys` of the step that is none of `names`. */
  #known(step: StepConfig, keys: readonly (string | number)[], name: string, { what, names }: { readonly what: string; readonly names: ReadonlySet<string> }): void {
    if (names.has(name)) return
    const context = this.#context
    const place = context.placeOf(step, ...keys)
    if (hasVar(name)) {
      context.report(place, 'unresolved-var', `the name of a ${what} must be known beforehand, and ${quote(name)} has no value yet`, {
        hint: 'give it one, e.g. with `--var name=value`',
      })
      return
    }
    context.report(place, 'unknown-reference', `there is no ${what} ${quote(name)}`, { hint: context.didYouMean(name, names, what) })
  }

  #declare(name: string, object: object, key: string, scopes: readonly Set<string>[]): void {
    if (name === '') return
    const place = this.#context.placeOf(object, key)
    const own = scopes.at(-1)
    if (own?.has(name)) this.#context.report(place, 'duplicate-name', `the local var ${quote(name)} is set twice`)
    else if (scopes.some((scope) => scope.has(name))) {
      this.#context.report(place, 'ambiguous', `this hides another local var ${quote(name)}`, { severity: 'warning' })
    }
    own?.add(name)
  }
}
