import type { Finding } from './finding.ts'
import { printable } from '../lib/visible.ts'

export interface FormatOptions {
  /** ANSI colours. */
  readonly color?: boolean
  /** Text of the finding's file; given, its line is shown with a mark under the place. */
  readonly source?: string
}

/** Longer lines are cut to a window around the place. */
const widest = 110

/**
 * A finding for a terminal:
 *
 *     pipeline.yml:12:9: error: there is no resource `repoo` (jobs[0].plan[0].get)
 *       12 |   - get: repoo
 *          |          ^
 *          = did you mean `repo`?
 */
export function formatFinding(finding: Finding, options: FormatOptions = {}): string {
  const paint = painter(options.color ?? false)
  const colour = finding.severity === 'error' ? 31 : 33
  const path = finding.path === '' ? '' : paint(2, ` (${printable(finding.path)})`)
  const place = paint(1, `${printable(finding.file)}:${finding.line}:${finding.column}:`)
  const lines = [`${place} ${paint(colour, `${finding.severity}:`)} ${printable(finding.message)}${path}`]
  const margin = Math.max(4, String(finding.line).length + 1)
  const excerpt = options.source === undefined ? undefined : lineOf(options.source, finding.line)
  if (excerpt !== undefined) {
    const { shown, indent } = window(excerpt, finding.column)
    lines.push(`${String(finding.line).padStart(margin)} ${paint(2, '|')} ${shown}`)
    lines.push(`${' '.repeat(margin)} ${paint(2, '|')} ${indent}${paint(colour, '^')}`)
  }
  if (finding.hint !== undefined) lines.push(`${' '.repeat(margin)} ${paint(2, '=')} ${printable(finding.hint)}`)
  return lines.join('\n')
}

function lineOf(source: string, line: number): string | undefined {
  let from = 0
  for (let n = 1; n < line; n++) {
    const end = source.indexOf('\n', from)
    if (end < 0) return undefined
    from = end + 1
  }
  const end = source.indexOf('\n', from)
  return source.slice(from, end < 0 ? undefined : end).replace(/\r$/, '')
}

function window(line: string, column: number): { shown: string; indent: string } {
  const at = Math.min(column - 1, line.length)
  const from = line.length <= widest ? 0 : Math.max(0, Math.min(at - 40, line.length - widest))
  const cut = line.slice(from, from + widest)
  const before = from > 0 ? '…' : ''
  // Tabs stay tabs on both lines, so that the mark stands under its place.
  const clean = (text: string): string => text.split('\t').map(printable).join('\t')
  const shown = before + clean(cut) + (from + widest < line.length ? '…' : '')
  const indent = (before === '' ? '' : ' ') + line.slice(from, at).replace(/[^\t]/gu, ' ')
  return { shown, indent }
}

const painter =
  (color: boolean) =>
  (code: number, text: string): string =>
    color ? `\u001b[${code}m${text}\u001b[0m` : text
