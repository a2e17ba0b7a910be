import type { JobId, ResourceId, Success } from '../../scheduler/ports.ts'

/** Successes of a job, as arrays of numbers in PostgreSQL's notation: `{1,2}`. */
export interface SuccessColumns {
  readonly builds: string
  readonly orders: string
  /** One array after the other; `=` stands for that of the success before. */
  readonly resources: string
  /** One array after the other. */
  readonly versions: string
}

export function successesOf(job: JobId, columns: SuccessColumns): Success[] {
  const [builds = []] = arraysOf(columns.builds)
  const [orders = []] = arraysOf(columns.orders)
  const versions = arraysOf(columns.versions)
  const resources = arraysOf(columns.resources)
  return builds.map((build, at) => ({ build, job, order: orders[at] ?? build, resources: resources[at] ?? [], versions: versions[at] ?? [] }))
}

/** Codes of the signs. */
const zero = 48
const nine = 57
const open = 123
const close = 125
const same = 61

/** Digit by digit: there may be a million numbers, and general readers of arrays, and even split, take ten times as long. */
function arraysOf(text: string): (readonly ResourceId[])[] {
  const arrays: (readonly number[])[] = []
  let numbers: number[] = []
  let number = -1
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign >= zero && sign <= nine) {
      number = Math.max(number, 0) * 10 + sign - zero
      continue
    }
    if (number >= 0) numbers.push(number)
    number = -1
    if (sign === open) numbers = []
    else if (sign === close) arrays.push(numbers)
    else if (sign === same) arrays.push(arrays.at(-1) ?? [])
  }
  return arrays
}
