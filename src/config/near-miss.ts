/** Edits (insert, delete, replace, swap of neighbours) from a to b; stops counting beyond `most`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return most + 1
    before = last
    last = row
  }
  return last[b.length] ?? most + 1
}

/** Looking for near misses in a file of thousands of mistakes must not take long: nobody reads that many hints. */
const mostCandidates = 500
const longestName = 64

/** The candidate that `name` was probably meant to be, or undefined. */
export function nearMiss(name: string, candidates: Iterable<string>): string | undefined {
  if (name === '' || name.length > longestName) return undefined
  const folded = fold(name)
  const most = folded.length < 4 ? 1 : folded.length < 8 ? 2 : 3
  let best: string | undefined
  let bestDistance = most + 1
  let looked = 0
  for (const candidate of candidates) {
    if (++looked > mostCandidates) break
    if (candidate === name || candidate === '' || candidate.length > longestName) continue
    const distance = editDistance(folded, fold(candidate), bestDistance - 1)
    if (distance < bestDistance && distance < fold(candidate).length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `inParallel`, `in-parallel` and `in_parallel` are one word. */
const fold = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '')
