import type { Version } from '../../../model/version.ts'
import type { BuildId, Input } from '../input.ts'
import { defaultLimits } from '../limits.ts'
import { resolve, type Outcome, type Unsatisfied } from '../resolve.ts'
import { failureText, sentence } from '../why.ts'
import { World } from './world.ts'

type InputOptions = { readonly resource?: string; readonly passed?: readonly string[]; readonly pin?: Version; readonly every?: boolean }
/** `{app: 'v1'}`; several versions of a resource in the order of saving, puts first. */
type Listed = Readonly<Record<string, string | readonly string[]>>

/** A world whose jobs, resources and versions have names; versions are found in the order in which they are named. */
export class Scenario {
  readonly world = new World()
  readonly #ids: string[] = []
  readonly #inputs: Input[] = []

  id(name: string): number {
    if (!this.#ids.includes(name)) this.#ids.push(name)
    return this.#ids.indexOf(name) + 1
  }

  check(resource: string, ...versions: readonly string[]): this {
    for (const version of versions) {
      const order = this.world.versions.length + 1
      this.world.versions.push({ resource: this.id(resource), version: this.id(version), order, content: { ver: version, kind: resource } })
    }
    return this
  }

  /** Disables, enables, or forgets a version: one of another scope. */
  change(resource: string, version: string, to: 'disabled' | 'enabled' | 'gone'): this {
    const at = this.world.versions.findIndex((known) => known.resource === this.id(resource) && known.version === this.id(version))
    const [known] = this.world.versions.splice(at, 1)
    if (known === undefined) throw new Error(`no version ${version} of ${resource}`)
    if (to !== 'gone') this.world.versions.push({ ...known, disabled: to === 'disabled' })
    this.world.changes += 1
    return this
  }

  success(job: string, build: BuildId, listed: Listed, rerunOf: BuildId = build): this {
    const pairs = Object.entries(listed).flatMap(([resource, versions]) => [versions].flat().map((version) => [this.id(resource), this.id(version)] as const))
    const [resources, versions] = [pairs.map(([resource]) => resource), pairs.map(([, version]) => version)]
    this.world.successes.push({ job: this.id(job), build, order: rerunOf, resources, versions })
    return this
  }

  /** A build of the job whose inputs are chosen. */
  own(build: BuildId, used: Listed, ...pipes: readonly BuildId[]): this {
    const pairs = Object.entries(used).map(([resource, version]) => [this.id(resource), this.id(String(version))] as const)
    this.world.own.push({ build, used: pairs, pipes })
    return this
  }

  get(name: string, { resource = name, passed = [], pin, every = false }: InputOptions = {}): this {
    this.#inputs.push({ name, resource: this.id(resource), passed: passed.map((job) => this.id(job)), every, ...(pin && { pin }) })
    return this
  }

  resolve(earlier: readonly Unsatisfied[] = [], limits = defaultLimits): Outcome {
    return this.world.run(resolve(this.#inputs, earlier, limits))
  }

  /** Versions by input; what Concourse says where there is none. */
  chosen(limits = defaultLimits): Record<string, string> {
    const all = [...this.resolve([], limits).inputs].map(([name, one]) => [name, one.kind === 'resolved' ? this.name(one.version) : failureText(one.why)] as const)
    return Object.fromEntries(all)
  }

  why(input: string): string {
    const one = this.resolve().inputs.get(input)
    const name = (id: number): string => this.name(id)
    return one?.kind === 'unresolved' ? sentence(one.why, { job: name, version: name, build: String }) : 'it has a version'
  }

  name(id: number): string {
    return this.#ids[id - 1] ?? ''
  }
}
