import { describe, expect, it } from 'vitest'
import { jsonLine, table, type Finding } from './report.ts'

const finding: Finding = {
  bench: 'a',
  title: 'one task',
  series: { ours: [120, 100, 140], floor: [100, 99.96, 200], growth_mb: [1.5], ours_per_s: [8.3333] },
  ratio: 1.2,
  goal: '<= 1.3',
  more: { gap_ms: 3.25, whole: '3 of 3' },
}

describe('table', () => {
  it('has a line for each series, and says how ours compares', () => {
    expect(table(finding)).toBe(
      [
        '(a) one task',
        '              runs    min  median  p90  max',
        '  ours           3    100     120  140  140',
        '  floor          3  100.0     100  200  200',
        '  growth_mb      1    1.5     1.5  1.5  1.5',
        '  ours_per_s     1    8.3     8.3  8.3  8.3',
        '  ratio 1.20, goal <= 1.3, gap_ms 3.3, whole 3 of 3',
        '',
      ].join('\n'),
    )
  })

  it('does without what there is not', () => {
    expect(table({ bench: 'f', title: 'memory', series: {}, goal: '< 400 MB' })).toBe('(f) memory\n  goal < 400 MB\n')
  })
})

describe('jsonLine', () => {
  it('is one object on one line, medians first', () => {
    const line = jsonLine('docker', 'a machine', finding)
    expect(line).not.toContain('\n')
    expect(JSON.parse(line)).toEqual({
      bench: 'a', runtime: 'docker', machine: 'a machine', ratio: 1.2, goal: '<= 1.3', gap_ms: 3.25, whole: '3 of 3',
      ours_ms: 120, ours_spread: { runs: 3, min: 100, p90: 140, max: 140 },
      floor_ms: 100, floor_spread: { runs: 3, min: 99.96, p90: 200, max: 200 },
      growth_mb: 1.5, growth_mb_spread: { runs: 1, min: 1.5, p90: 1.5, max: 1.5 },
      ours_per_s: 8.33, ours_per_s_spread: { runs: 1, min: 8.33, p90: 8.33, max: 8.33 },
    })
  })

  it('names series as programs want them', () => {
    const names = Object.keys(JSON.parse(jsonLine('docker', '', { bench: 'b', title: '', series: { 'gap between steps': [1], 'native: get': [1] } })) as object)
    expect(names).toEqual(expect.arrayContaining(['gap_between_steps_ms', 'native_get_ms']))
  })
})
