import { expect, test } from 'vitest'
import type { BuildContext } from './build-context.ts'
import { configOfScope } from '../model/version-scope.ts'
import { configScope, versionScope } from './version-scope.ts'

const context = (globalResources: boolean, pipelineId = 1, teamId = 1) => ({ build: { scope: { teamId, pipelineId } }, services: { options: { globalResources } } }) as unknown as BuildContext
const plan = (resource?: string, base = 'mock') => ({ type: base, image: { base_type: base }, ...(resource !== undefined && { resource }) })

test('each resource has a scope of its own, which names its config', () => {
  const scopes = [
    versionScope(context(false), plan('a'), {}),
    versionScope(context(false), plan('b'), {}),
    versionScope(context(false, 2), plan('a'), {}),
    versionScope(context(false), plan('a'), { uri: 'x' }),
    versionScope(context(false), plan(), {}),
  ]
  expect(new Set(scopes).size).toBe(5)
  expect(versionScope(context(false), plan('a'), {})).toBe(scopes[0])
  expect(scopes.slice(0, 3).map(configOfScope)).toEqual([scopes[4], scopes[4], scopes[4]])
  expect(configOfScope(scopes[3] ?? '')).toBe(configScope(context(false), plan('b'), { uri: 'x' }))
})

test('resources of one config of a team share a scope where the operator wants that, unless they are of type time', () => {
  const shared = versionScope(context(true), plan('a'), {})
  expect(versionScope(context(true, 2), plan('b'), {})).toBe(shared)
  expect(versionScope(context(true, 1, 2), plan('a'), {})).not.toBe(shared)
  expect(versionScope(context(true), plan('a', 'time'), {})).not.toBe(versionScope(context(true), plan('b', 'time'), {}))
})
