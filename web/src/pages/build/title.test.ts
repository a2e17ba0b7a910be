import { expect, test } from 'vitest'
import { titleOf } from './title.ts'

const check = { kind: 'check', name: 'repo' } as const

test.each([
  ['unit #318', { id: 4_711, name: '318', job_name: 'unit' }, []],
  ['check of repo #4711', { id: 4_711, name: 'check' }, [check]],
  // Of the image of a type, which the check runs in.
  ['check of repo #4711', { id: 4_711, name: 'check' }, [{ kind: 'check', name: 'own-type', parent: '1' }, check]],
  ['check #4711', { id: 4_711, name: 'check' }, []],
  ['one-off #4711', { id: 4_711, name: '1' }, []],
] as const)('a build is called %s', (title, build, steps) => expect(titleOf(build, steps)).toBe(title))
