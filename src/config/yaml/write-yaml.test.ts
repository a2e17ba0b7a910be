import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../model/json.ts'
import { SourceText } from '../source-text.ts'
import { toJson } from './node.ts'
import { parseYaml } from './parse-yaml.ts'
import { writeYaml } from './write-yaml.ts'

test('a pipeline looks as one would write it', () => {
  expect(writeYaml({ jobs: [{ name: 'a', plan: [{ get: 'r', passed: [] }, ['x', null]] }], on: 'yes', n: 1.5, text: 'a: b\nc' })).toBe(
    'jobs:\n- name: a\n  plan:\n  - get: r\n    passed: []\n  - - x\n    - null\n"on": "yes"\n"n": 1.5\ntext: "a: b\\nc"\n',
  )
})

test('what is written is read as it was', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const tree = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.boolean(), fc.constant(null), text, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(text, tie('value'), { maxKeys: 4 })),
  })).value
  fc.assert(
    fc.property(tree, (value) => {
      const source = new SourceText('f.yml')
      const { root } = parseYaml(writeYaml(value), source, 'file')
      expect(source.findings).toEqual([])
      expect(root === undefined ? null : toJson(root)).toEqual(value)
    }),
  )
})
