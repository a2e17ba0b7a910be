import type { Group, GroupInput } from './group.ts'
import type { JobId, ResourceId } from './input.ts'

/** Where successes with the same list of resources have the version of each input that their job has to pass. */
export interface Layout {
  /** Of each related input the place in the success's lists; -1: it lists none. */
  readonly places: readonly number[]
  /** The resource of an input is listed more than once: which of its versions the input is given depends on which can be used. */
  readonly ambiguous: boolean
}

/** The layouts of a job's successes: nearly all have that of the success before. */
export class Layouts {
  readonly #inputs: readonly (GroupInput | undefined)[]
  #resources: readonly ResourceId[] | undefined
  #layout: Layout = { places: [], ambiguous: false }

  constructor(group: Group, job: JobId) {
    this.#inputs = (group.related.get(job) ?? []).map((index) => group.inputs[index])
  }

  of(resources: readonly ResourceId[]): Layout {
    if (this.#resources !== undefined && isSame(this.#resources, resources)) return this.#layout
    this.#resources = resources
    const places = this.#inputs.map((input) => resources.indexOf(input?.resource ?? 0))
    this.#layout = { places, ambiguous: this.#inputs.some((input, at) => resources.lastIndexOf(input?.resource ?? 0) !== places[at]) }
    return this.#layout
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
