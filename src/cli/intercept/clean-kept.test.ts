import { expect, test } from 'vitest'
import type { Target } from '../../intercept/gateway.ts'
import { fail, ok } from '../../model/result.ts'
import { cleanKept } from './clean-kept.ts'

const target = (handle: string, state: Target['state'] = 'kept'): Target => ({ handle, instance: 0, buildId: 1, step: handle, type: 'task', state })

test('a kept container that cannot be removed, or looked at, is told and keeps no other from going', async () => {
  const removed: string[] = []
  const said: string[] = []
  const gateway = {
    find: () => Promise.resolve({ targets: [target('broken'), target('runs', 'running'), target('whole')], problems: ['containers of build 2 cannot be looked at: no answer'] }),
    remove: (handle: string) => {
      if (handle === 'broken') return Promise.resolve(fail('the engine refuses'))
      removed.push(handle)
      return Promise.resolve(ok(undefined))
    },
  }
  const problems = ['containers of build 2 cannot be looked at: no answer', 'broken could not be removed: the engine refuses']
  expect(await cleanKept([gateway], true, (line) => said.push(line))).toEqual({ count: 2, problems })
  expect(removed).toEqual(['whole'])
  expect(said).toEqual([...problems, expect.stringContaining('removed the container of')])
})

test('without removing it tells of each', async () => {
  const said: string[] = []
  const gateway = { find: () => Promise.resolve({ targets: [target('one'), target('two', 'ended')], problems: [] }), remove: () => Promise.reject(new Error('not asked for')) }
  expect(await cleanKept([gateway], false, (line) => said.push(line))).toEqual({ count: 2, problems: [] })
  expect(said).toHaveLength(2)
})
