import { expect, test } from 'vitest'
import { paramsOf } from './params.ts'

const config = {
  jobs: [
    { name: 'other', plan: [{ task: 'x', params: { ELSE: '1' } }] },
    {
      name: 'unit',
      plan: [
        { get: 'repo', params: { depth: 1 } },
        { in_parallel: { steps: [{ task: 'lint', config: { params: { LEVEL: 3, DEEP: { a: [1] } } } }] } },
        { in_parallel: [{ do: [{ try: { task: 'vet', params: { LEVEL: '4', KEY: '((key))' } } }] }] },
        { task: 'own', config: { params: { MODE: 'slow' } }, params: { MODE: 'fast' }, on_failure: { task: 'alert', params: { NONE: null } } },
        { put: 'image', params: { image: 'x' } },
      ],
      ensure: { task: 'cleanup', params: { LEVEL: '3' } },
    },
  ],
}

test('the params of a job are those that its tasks declare, wherever they stand', () => {
  expect(paramsOf(config, 'unit')).toEqual([
    { name: 'LEVEL', value: '3', tasks: ['lint', 'vet', 'cleanup'], differs: true },
    { name: 'DEEP', value: '{"a":[1]}', tasks: ['lint'], differs: false },
    { name: 'KEY', value: '((key))', tasks: ['vet'], differs: false },
    { name: 'MODE', value: 'fast', tasks: ['own'], differs: false },
    { name: 'NONE', value: '', tasks: ['alert'], differs: false },
  ])
})

test('a job that the config does not have has no params', () => {
  expect(paramsOf(config, 'gone')).toEqual([])
  expect(paramsOf({ jobs: 'none' }, 'unit')).toEqual([])
})
