import { expect, test } from 'vitest'
import type { Finding } from './finding.ts'
import { formatFinding } from './format-finding.ts'

const finding: Finding = { severity: 'error', kind: 'missing', message: 'wrong', file: 'p.yml', line: 2, column: 5, path: 'jobs[0]', hint: 'do this' }

test('shows the line with a mark under the place', () => {
  expect(formatFinding(finding, { source: 'a\n\tb: x\r\nc' })).toBe(['p.yml:2:5: error: wrong (jobs[0])', '   2 | \tb: x', '     | \t   ^', '     = do this'].join('\n'))
})

test('without a source it is one line and the hint', () => {
  expect(formatFinding(finding)).toBe('p.yml:2:5: error: wrong (jobs[0])\n     = do this')
})

test('colours only where asked', () => {
  expect(formatFinding({ ...finding, severity: 'warning' }, { color: true })).toContain('\u001b[33mwarning:\u001b[0m')
})

test('cuts long lines around the place', () => {
  const shown = formatFinding({ ...finding, column: 500 }, { source: `\n${'x'.repeat(498)}: HERE${'y'.repeat(500)}` }).split('\n')
  const [, line = '', mark = ''] = shown
  expect(line.length).toBeLessThan(130)
  expect(line.slice(mark.indexOf('^')).startsWith(' HERE')).toBe(true)
})

test('what a file contains cannot control the terminal', () => {
  const shown = formatFinding({ ...finding, message: 'a\u001b[31mb\nc', path: '\u009b', hint: '\u202e' }, { source: '\n\u001b]0;title\u0007' })
  // eslint-disable-next-line no-control-regex -- their absence is the point
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
})

test('a line that is not there is not shown', () => {
  expect(formatFinding({ ...finding, line: 99 }, { source: 'a' }).split('\n')).toHaveLength(2)
})
