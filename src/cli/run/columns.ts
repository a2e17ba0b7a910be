const width = 100
const gap = 2

/** Names side by side where they fit, each line indented; read from left to right. */
export function inColumns(names: readonly string[]): string {
  const widest = names.reduce((most, { length }) => Math.max(most, length), 1) + gap
  const across = Math.max(1, Math.floor(width / widest))
  const lines: string[] = []
  for (let at = 0; at < names.length; at += across) {
    const line = names.slice(at, at + across).map((name) => name.padEnd(widest))
    lines.push(`  ${line.join('')}`.trimEnd())
  }
  return lines.join('\n')
}
