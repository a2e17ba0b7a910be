const units: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/** Go keeps durations in 64 bits of nanoseconds: about 292 years. */
const longest = 2 ** 63 / 1e6

/** A Go duration (`1h30m`, `1.5s`, `-2m`, `0`) in milliseconds, or undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const body = /^[-+]/.test(text) ? text.slice(1) : text
  if (body === '0') return 0
  if (body === '') return undefined
  let total = 0
  part.lastIndex = 0
  while (part.lastIndex < body.length) {
    const found = part.exec(body)
    if (found === null) return undefined
    total += Number(found[1]) * (units[found[2] ?? ''] ?? Number.NaN)
  }
  return total < longest ? sign * total || 0 : undefined
}

export const durationHint = 'write a number with a unit, e.g. `90s`, `10m` or `1h30m`'
