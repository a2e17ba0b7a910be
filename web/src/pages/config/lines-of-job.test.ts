import { expect, test } from 'vitest'
import { linesOfJob } from './lines-of-job.ts'
import { toYaml } from './to-yaml.ts'

const config = {
  resources: [{ name: 'unit', type: 'git' }],
  jobs: [{ name: 'build', plan: [{ task: 'name: unit' }] }, { public: true, name: 'unit', plan: [{ get: 'unit' }, { task: 't', params: { text: 'a\n- name: unit\n' } }] }, { name: 'a: b', plan: [] }],
  groups: [{ name: 'all', jobs: ['unit'] }],
}
const yaml = toYaml(config)
const shown = (job: string): string[] => {
  const found = linesOfJob(yaml, job)
  return found === undefined ? [] : yaml.split('\n').slice(found.first, found.last + 1)
}

test('a job is found by its name, wherever that stands in it, with all of its lines', () => {
  expect(shown('unit')).toEqual(['- public: true', '  name: unit', '  plan:', '  - get: unit', '  - task: t', '    params:', '      text: |', '        a', '        - name: unit'])
  expect(shown('build').at(0)).toBe('- name: build')
  expect(shown('a: b')).toEqual(['- name: "a: b"', '  plan: []'])
})

test.each(['all', 'nowhere', ''])('what is no job is not found: %s', (name) => expect(shown(name)).toEqual([]))

test('a config without jobs has none', () => expect(linesOfJob(toYaml({ resources: [] }), 'unit')).toBeUndefined())
