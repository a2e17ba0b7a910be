import { summarize } from './statistics.ts'

/** What a bench found. Series by name: the first is ours, `floor` what it is compared with. */
export interface Finding {
  readonly bench: string
  readonly title: string
  /** Milliseconds, unless the name says another unit (`…_mb`, `…_per_s`). */
  readonly series: Readonly<Record<string, readonly number[]>>
  /** Ours divided by the floor's. */
  readonly ratio?: number
  /** What the ratio should be: `<= 1.3`. */
  readonly goal?: string
  /** Further figures and words. */
  readonly more?: Readonly<Record<string, number | string | boolean>>
}

const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1))

export function table(finding: Finding): string {
  const { bench, title, series, ratio, goal, more = {} } = finding
  const rows = Object.entries(series).map(([name, values]) => {
    const { runs, min, median, p90, max } = summarize(values)
    return [name, String(runs), ...[min, median, p90, max].map(shown)]
  })
  const all = [['', 'runs', 'min', 'median', 'p90', 'max'], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) => `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`)
  const last = [
    ...(ratio === undefined ? [] : [`ratio ${ratio.toFixed(2)}`]),
    ...(goal === undefined ? [] : [`goal ${goal}`]),
    ...Object.entries(more).map(([name, value]) => `${name} ${typeof value === 'number' ? shown(value) : value}`),
  ]
  return [`(${bench}) ${title}`, ...(rows.length > 0 ? lines : []), ...(last.length > 0 ? [`  ${last.join(', ')}`] : []), ''].join('\n')
}

/** One object on a line: medians, and all that the table says. */
export function jsonLine(runtime: string, machine: string, finding: Finding): string {
  const medians = Object.fromEntries(
    Object.entries(finding.series).flatMap(([name, values]) => {
      const { runs, min, median, p90, max } = summarize(values)
      const unit = /_(?:mb|per_s)$/.test(name) ? '' : '_ms'
      const rounded = (value: number) => Math.round(value * 100) / 100
      const key = name.replaceAll(/\W+/g, '_')
      return [
        [`${key}${unit}`, rounded(median)],
        [`${key}_spread`, { runs, min: rounded(min), p90: rounded(p90), max: rounded(max) }],
      ]
    }),
  )
  const { bench, ratio, goal, more } = finding
  return JSON.stringify({ bench, runtime, ...medians, ...(ratio !== undefined && { ratio: Math.round(ratio * 1000) / 1000 }), ...(goal && { goal }), ...more, machine })
}
