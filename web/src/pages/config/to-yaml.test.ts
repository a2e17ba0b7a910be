import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { toYaml } from './to-yaml.ts'
import type { Json } from '../../../../src/model/json.ts'

test('any JSON comes back from its YAML', () => {
  const words = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('a', ' ', '\n', ':', '-', '#', '\t', '|', '"', '1', '.', '~', '0', 'x', 'e', '(', ')') }), fc.constantFrom('yes', 'null', '1e3', '.5', '0x1', '2020-01-01', '', '---', '...', '- a', 'a: b', 'a #b', '<<', '((secret))', 'set -e\nmake test\n'))
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(words.filter((key) => key !== '__proto__' && key !== '<<'), tie('value'), { maxKeys: 4 })),
  })).value as fc.Arbitrary<Json>
  fc.assert(fc.property(json, (value) => void expect(parse(toYaml(value), { maxAliasCount: 0 })).toEqual(value)), { numRuns: 2000 })
})

test('a config reads as one would write it', () => {
  expect(toYaml({ jobs: [{ name: 'unit', plan: [{ get: 'repo', trigger: true, passed: ['build', 'lint'] }, { task: 'test', config: { run: { path: 'sh', args: ['-ec', 'make test\nmake lint\n'] }, params: { A: '1', B: '((b.c))', C: {} } } }] }] })).toBe(`jobs:
- name: unit
  plan:
  - get: repo
    trigger: true
    passed:
    - build
    - lint
  - task: test
    config:
      run:
        path: sh
        args:
        - "-ec"
        - |
          make test
          make lint
      params:
        A: "1"
        B: ((b.c))
        C: {}
`)
})
