import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../../src/model/json.ts'
import { blocksOf } from './blocks.ts'
import { diffYaml, type DiffRow } from './diff-yaml.ts'
import { toYaml } from './to-yaml.ts'

const diff = (before: JsonObject, after: JsonObject) => diffYaml(toYaml(before), toYaml(after))
const shown = (row: DiffRow): string => (row.change === 'left-out' ? `(${row.count})` : `${{ same: ' ', added: '+', removed: '-' }[row.change]}${row.text}`)
const task = (name: string, path: string): Json => ({ task: name, config: { platform: 'linux', run: { path } } })

test('an item that changed is shown with the lines around, and with its numbers in both configs', () => {
  const before = { resources: [{ name: 'repo', type: 'git' }], jobs: [{ name: 'unit', plan: [{ get: 'repo' }, task('a', 'a'), task('b', 'make'), task('c', 'c')] }, { name: 'ship', plan: [] }] }
  const after = { resources: [{ name: 'repo', type: 'git' }], jobs: [{ name: 'unit', public: true, plan: [{ get: 'repo' }, task('a', 'a'), task('b', 'test'), task('c', 'c')] }, { name: 'ship', plan: [] }] }
  const { parts, added, removed } = diff(before, after)
  expect(parts.map(({ title, change }) => [title, change])).toEqual([['jobs: unit', 'changed']])
  expect(parts[0]?.rows.map(shown)).toEqual([' - name: unit', '+  public: true', '   plan:', '   - get: repo', '   - task: a', '(5)', '     config:', '       platform: linux', '       run:', '-        path: make', '+        path: test', '   - task: c', '     config:', '       platform: linux', '(2)'])
  expect(parts[0]?.rows.slice(0, 2)).toEqual([{ change: 'same', text: '- name: unit', before: 5, after: 5 }, { change: 'added', text: '  public: true', after: 6 }])
  expect([added, removed]).toEqual([2, 1])
})

test('items and sections that come and go are named, what is gone where it stood', () => {
  const { parts } = diff({ jobs: [{ name: 'a', plan: [] }, { name: 'b', plan: [] }, { name: 'c', plan: [] }] }, { jobs: [{ name: 'a', plan: [] }, { name: 'd', plan: [] }], display: { background_image: 'x' } })
  expect(parts.map(({ title, change, rows }) => [title, change, rows.length])).toEqual([['jobs: b', 'removed', 2], ['jobs: c', 'removed', 2], ['jobs: d', 'added', 2], ['display', 'added', 2]])
})

test('items in another order are no change, and it is said that only this differs', () => {
  const [a, b] = [{ name: 'a', plan: [] }, { name: 'b', plan: [] }]
  expect(diff({ jobs: [a, b] }, { jobs: [b, a] })).toEqual({ parts: [], added: 0, removed: 0, onlyOrder: true })
  expect(diff({ jobs: [a, b] }, { jobs: [a, b] })).toEqual({ parts: [], added: 0, removed: 0, onlyOrder: false })
})

test('an item of which most is other is shown as taken away and added, so that no config takes long', () => {
  const of = (word: string) => ({ jobs: [{ name: 'j', plan: Array.from({ length: 5_000 }, (_, index) => ({ task: `${word}-${index}` })) }] })
  const { parts, added, removed } = diff(of('a'), of('b'))
  expect([parts.length, added, removed]).toEqual([1, 5_002, 5_002])
  expect(parts[0]?.rows.slice(5_001, 5_003).map(shown)).toEqual(['-  - task: a-4999', '+- name: j'])
})

test('whatever the configs are, the lines of one with its changes are those of the other', () => {
  const word = fc.constantFrom('unit', 'ship', 'a: b', '- x', '"q"', '', 'set -e\nmake\n\nmake test', 'set -e\nmake')
  const item = fc.record({ name: word, plan: fc.array(fc.record({ task: word, file: word }), { maxLength: 4 }) })
  const config = fc.record({ jobs: fc.array(item, { maxLength: 5 }), resources: fc.array(item, { maxLength: 3 }), display: word }, { requiredKeys: [] })
  const text = (rows: readonly DiffRow[], side: 'before' | 'after', lines: readonly string[]): void => {
    for (const row of rows) if (side in row) expect(lines[(row as { readonly [key in typeof side]: number })[side] - 1]).toBe((row as { readonly text: string }).text)
  }
  fc.assert(
    fc.property(config, config, (before, after) => {
      const [old, now] = [toYaml(before as JsonObject), toYaml(after as JsonObject)]
      const { parts, added, removed } = diffYaml(old, now)
      for (const { rows } of parts) {
        text(rows, 'before', old.split('\n'))
        text(rows, 'after', now.split('\n'))
      }
      const size = (yaml: string): number => blocksOf(yaml).reduce((sum, { lines }) => sum + lines.length, 0)
      expect(size(old) - removed + added).toBe(size(now))
    }),
  )
})
