const units: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** A length of time in its largest unit: `4 min`, `2 d`; under a second `0 s`. */
export function roughly(ms: number): string {
  const [size, unit] = units.find(([one]) => ms >= one) ?? [1_000, 's']
  return `${Math.floor(Math.max(0, ms) / size)} ${unit}`
}

/** When a text made by `roughly` of the time since `at` next changes, in ms from `now`. */
export function untilRoughlyChanges(at: number, now: number): number {
  const ms = Math.max(0, now - at)
  const [size] = units.find(([one]) => ms >= one) ?? [1_000]
  return size - (ms % size)
}
