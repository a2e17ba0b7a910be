import { describe, expect, test } from 'vitest'
import { configDiff, diffText } from './config-diff.ts'

const repo = { name: 'repo', type: 'git', source: { uri: 'u', branch: 'main' } }
const unit = { name: 'unit', plan: [{ get: 'repo' }] }
const shown = (before: object, after: object) => [...diffText(configDiff(before as never, after as never))].map(({ text }) => text)

describe('the difference of two configs', () => {
  test('is empty where only the order of keys or items differs', () => {
    const other = { name: 'other', type: 'time' }
    expect(configDiff({ resources: [repo, other] }, { resources: [other, { source: { branch: 'main', uri: 'u' }, type: 'git', name: 'repo' }] })).toEqual([])
  })

  test('shows what is added, removed and changed, by section and name', () => {
    expect(shown({ resources: [repo], jobs: [unit] }, { resources: [{ ...repo, source: { uri: 'u', branch: 'next' } }], jobs: [{ name: 'ship', plan: [] }] })).toEqual([
      'resources:',
      '  resource repo has changed:',
      '  name: repo',
      '  source:',
      '-   branch: main',
      '+   branch: next',
      '    uri: u',
      '  type: git',
      '',
      'jobs:',
      '  job unit has been removed:',
      '- name: unit',
      '- plan:',
      '- - get: repo',
      '',
      '  job ship has been added:',
      '+ name: ship',
      '+ plan: []',
      '',
    ])
  })

  test('shows display, which has no name', () => {
    expect(shown({}, { display: { background_image: 'x.png' } })).toEqual(['display:', '  display has been added:', '+ background_image: x.png', ''])
  })

  test('shows an item that changed in more lines than can be compared as removed and added', () => {
    const long = (word: string) => ({ jobs: [{ name: 'j', plan: Array.from({ length: 3_000 }, (_, at) => `${word}${at}`) }] })
    const [item] = configDiff(long('a'), long('b'))
    expect(item?.lines.filter(({ change }) => change === 'removed')).toHaveLength(3_002)
    expect(item?.lines.filter(({ change }) => change === 'added')).toHaveLength(3_002)
  })

  test('an item is compared by its name alone, __proto__ too', () => {
    expect(configDiff(JSON.parse('{"jobs":[{"name":"__proto__"}]}'), { jobs: [] })).toMatchObject([{ name: '__proto__', change: 'removed' }])
  })
})
