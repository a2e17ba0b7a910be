export interface Summary {
  readonly runs: number
  readonly min: number
  readonly median: number
  readonly p90: number
  readonly max: number
}

/** Of at least one value. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
  const middle = sorted.length / 2
  const median = sorted.length % 2 === 1 ? at(0.5) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
  return { runs: sorted.length, min: at(0), median, p90: at(0.9), max: at(1) }
}

export const medianOf = (values: readonly number[]): number => summarize(values).median
