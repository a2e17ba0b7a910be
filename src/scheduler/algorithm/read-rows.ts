import { ask, type Asking } from './ask.ts'
import { candidateOf, nothing, type Group } from './group.ts'
import { unusable, type BuildOrder, type JobId, type Success, type VersionId } from './input.ts'
import { Layouts } from './layout.ts'
import type { Limits } from './limits.ts'
import { Rows, Values } from './rows.ts'

/** Reads all successes of the group's jobs. `values` has what each input is given. */
export function* readRows(group: Group, limits: Limits): Asking<{ readonly values: readonly Values[]; readonly rows: ReadonlyMap<JobId, Rows> }> {
  const values = group.inputs.map(() => new Values())
  const rows = new Map<JobId, Rows>()
  for (const job of group.jobs) rows.set(job, yield* rowsOf(group, job, { values, limits }))
  return { values, rows }
}

function* rowsOf(group: Group, job: JobId, { values, limits }: { readonly values: readonly Values[]; readonly limits: Limits }): Asking<Rows> {
  const reader = new RowsReader(group, job, values)
  let after: BuildOrder | undefined
  for (;;) {
    const { successes } = yield* ask({ kind: 'columns', job, limit: limits.largePage, ...(after && { after }) }, 'successes')
    const known = yield* withUsability(group, successes.filter((success) => reader.isAmbiguous(success)))
    for (const success of successes) reader.add(success, known.get(success))
    after = successes.at(-1)
    if (successes.length < limits.largePage) return reader.rows
  }
}

class RowsReader {
  readonly rows: Rows
  readonly #group: Group
  readonly #layouts: Layouts
  readonly #columns: readonly { readonly index: number; readonly values: Values | undefined; readonly pinned: VersionId | undefined }[]
  readonly #numbers: Int32Array

  constructor(group: Group, job: JobId, values: readonly Values[]) {
    this.#group = group
    this.#columns = (group.related.get(job) ?? []).map((index) => ({ index, values: values[index], pinned: group.inputs[index]?.pinned }))
    this.#layouts = new Layouts(group, job)
    this.#numbers = new Int32Array(this.#columns.length)
    this.rows = new Rows(job, this.#columns.length)
  }

  isAmbiguous({ resources }: Success): boolean {
    return this.#layouts.of(resources).ambiguous
  }

  /** `known`: the success, if it is ambiguous, with what cannot be used marked. */
  add(success: Success, known: Success | undefined): void {
    if (known !== undefined) {
      const gives = candidateOf(this.#group, known)?.gives
      if (gives !== undefined) this.#add(success, gives, this.#columns.map(({ index }) => index))
    } else this.#add(success, success.versions, this.#layouts.of(success.resources).places)
  }

  /** A place outside of `versions` has none. One that is against a pin, or gives nothing, cannot vouch. */
  #add(order: BuildOrder, versions: ArrayLike<VersionId>, places: readonly number[]): void {
    let any = false
    for (let column = 0; column < this.#numbers.length; column++) {
      const version = versions[places[column] ?? -1] ?? nothing
      const { values, pinned } = this.#columns[column] ?? {}
      if (version !== nothing && pinned !== undefined && version !== pinned) return
      this.#numbers[column] = values?.add(version) ?? 0
      any ||= version !== nothing
    }
    if (any) this.rows.add(order, this.#numbers)
  }
}

/** Successes of which the usable versions must be known to say what they give. */
function* withUsability(group: Group, successes: readonly Success[]): Asking<ReadonlyMap<Success, Success>> {
  if (successes.length === 0) return new Map()
  const needed = new Set(group.resources)
  const kept = successes.map((success) => {
    const at = [...success.resources.keys()].filter((place) => needed.has(success.resources[place] ?? 0))
    return { success, resources: at.map((place) => success.resources[place] ?? 0), versions: at.map((place) => success.versions[place] ?? 0) }
  })
  const { usable } = yield* ask({ kind: 'usable', resources: kept.flatMap(({ resources }) => resources), versions: kept.flatMap(({ versions }) => versions) }, 'usable')
  let at = 0
  return new Map(kept.map(({ success, resources, versions }) => [success, { ...success, resources, versions: versions.map((version) => (usable[at++] === true ? version : unusable)) }]))
}
