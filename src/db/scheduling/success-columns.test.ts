import { expect, test } from 'vitest'
import { successesOf } from './success-columns.ts'

test('successes are read from arrays, with the resources of the one before where they are the same', () => {
  const read = successesOf(3, { builds: '{9,8,7}', orders: '{5,8,7}', resources: '{10,2}={}', versions: '{100,0}{4123456789,1}{}' })
  expect(read).toEqual([
    { job: 3, build: 9, order: 5, resources: [10, 2], versions: [100, 0] },
    { job: 3, build: 8, order: 8, resources: [10, 2], versions: [4_123_456_789, 1] },
    { job: 3, build: 7, order: 7, resources: [], versions: [] },
  ])
  expect(read[1]?.resources).toBe(read[0]?.resources)
  expect(successesOf(3, { builds: '{}', orders: '{}', resources: '', versions: '' })).toEqual([])
})
