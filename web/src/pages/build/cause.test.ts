import { expect, test } from 'vitest'
import type { Build } from '../../api/types.ts'
import { causeOf, shortVersion } from './cause.ts'

const build: Build = { id: 1, team_name: 'main', name: '1', status: 'succeeded', api_url: '/api/v1/builds/1' }
const input = (name: string, isNew: boolean) => ({ name, version: { ref: '4d2a9c1'.padEnd(40, '0') }, first_occurrence: isNew })

test('a build is there since somebody started it, ran it again, or a version is new', () => {
  expect(causeOf({ ...build, created_by: 'ana' }, undefined)).toEqual({ kind: 'person', name: 'ana' })
  expect(causeOf({ ...build, created_by: 'ana', rerun_of: { id: 7, name: '3' } }, undefined)).toEqual({ kind: 'rerun', of: '3' })
  expect(causeOf(build, { inputs: [input('a', false), input('repo', true), input('image', true)], outputs: [] })).toEqual({ kind: 'version', resource: 'repo', version: '4d2a9c1', more: 1 })
  expect(causeOf(build, { inputs: [input('a', false)], outputs: [] })).toEqual({ kind: 'unknown' })
  expect(causeOf(build, undefined)).toEqual({ kind: 'unknown' })
})

test('versions are as short as people write them', () => {
  expect(shortVersion({ digest: `sha256:${'ab'.repeat(32)}`, tag: '1' })).toBe('abababa')
  expect(shortVersion({ number: '1.2.3' })).toBe('1.2.3')
  expect(shortVersion({})).toBe('')
  expect(shortVersion({ path: 'x'.repeat(200) })).toHaveLength(40)
})
