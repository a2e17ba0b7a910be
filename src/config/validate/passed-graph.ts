import type { JobConfig } from '../../model/config.ts'
import type { Context, Place } from '../decode/context.ts'
import { quote } from '../quote.ts'

/** Longer circles are cut in the message. */
const mostShown = 8

/** Which job waits for which by `passed`. */
export class PassedGraph {
  readonly #upstream = new Map<JobConfig, Map<JobConfig, Place | undefined>>()
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  add(job: JobConfig, passed: readonly JobConfig[], place: Place | undefined): void {
    const upstream = this.#upstream.get(job) ?? new Map<JobConfig, Place | undefined>()
    this.#upstream.set(job, upstream)
    for (const other of passed) if (!upstream.has(other)) upstream.set(other, place)
  }

  /** Without recursion: a chain of jobs may be as long as the file. */
  reportCycles(): void {
    const inCycle = this.#withoutTheAcyclic()
    const seen = new Set<JobConfig>()
    for (const first of inCycle) {
      const way: JobConfig[] = []
      let at: JobConfig | undefined = first
      while (at !== undefined && !seen.has(at)) {
        seen.add(at)
        way.push(at)
        at = [...(this.#upstream.get(at)?.keys() ?? [])].find((other) => inCycle.has(other))
      }
      const start = at === undefined ? -1 : way.indexOf(at)
      if (start >= 0) this.#report(way.slice(start).reverse())
    }
  }

  /** Takes away jobs that wait for nobody, again and again; what is left is in a circle or behind one. */
  #withoutTheAcyclic(): ReadonlySet<JobConfig> {
    const waits = new Map<JobConfig, number>()
    const downstream = new Map<JobConfig, JobConfig[]>()
    for (const [job, upstream] of this.#upstream) {
      waits.set(job, upstream.size)
      for (const other of upstream.keys()) {
        if (!waits.has(other)) waits.set(other, this.#upstream.get(other)?.size ?? 0)
        const others = downstream.get(other)
        if (others === undefined) downstream.set(other, [job])
        else others.push(job)
      }
    }
    const free = [...waits].filter(([, count]) => count === 0).map(([job]) => job)
    for (let job = free.pop(); job !== undefined; job = free.pop()) {
      waits.delete(job)
      for (const other of downstream.get(job) ?? []) {
        const count = (waits.get(other) ?? 0) - 1
        waits.set(other, count)
        if (count === 0) free.push(other)
      }
    }
    return new Set(waits.keys())
  }

  #report(cycle: readonly JobConfig[]): void {
    const [head] = cycle
    const last = cycle.at(-1)
    if (head === undefined || last === undefined) return
    const place = this.#upstream.get(head)?.get(last)
    const shown = cycle.length <= mostShown ? cycle : cycle.slice(0, mostShown)
    const names = [...shown.map((job) => quote(job.name)), ...(shown === cycle ? [] : ['…']), quote(head.name)].join(' → ')
    this.#context.report(place, 'cycle', cycle.length === 1 ? `the job ${quote(head.name)} waits for itself` : `jobs wait for each other in a circle: ${names}`, {
      hint: 'a version that has to pass a circle of jobs never arrives; remove one `passed`',
    })
  }
}
