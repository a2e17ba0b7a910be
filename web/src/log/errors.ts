import type { Lines } from './lines.ts'

/** Beginnings of what tells why something failed. Each alternative begins with fixed text: a line is read once. */
const marks = /(?:^|[^\w-])(?:[Ee]rror|ERROR|[Ff]atal|FATAL)(?:\[[\w-]{1,20}\])?:|\bFAIL(?:ED|URE)?\b|\bpanic:|^Traceback \(most recent|##\[error\]|^::error\b/
/** What stands behind that in a line says little about it. */
const looked = 2_000

export const isError = (text: string): boolean => marks.test(text.length > looked ? text.slice(0, looked) : text)

/** The next line in a direction that looks like an error, from `from` on and including it; around the end to the other. */
export function nextError(lines: Lines, from: number, direction: 1 | -1): number | undefined {
  const count = lines.length - lines.first
  if (count === 0) return undefined
  const start = Math.min(Math.max(from, lines.first), lines.length - 1) - lines.first
  for (let step = 0; step < count; step += 1) {
    const index = lines.first + ((start + direction * step) % count + count) % count
    const line = lines.at(index)
    if (line !== undefined && isError(line.text)) return index
  }
  return undefined
}
