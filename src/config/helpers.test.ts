import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { envValue } from '../steps/env.ts'
import type { GlobDialect } from './glob-class.ts'
import { isGlob, matchGlob } from './glob.ts'
import { parseMemory } from './memory.ts'
import { editDistance, nearMiss } from './near-miss.ts'
import { formatPath, parsePath, pathOf } from './path.ts'
import { withDefaults } from './source-defaults.ts'
import { overrideTask } from './task-overrides.ts'
import { identifierFault } from './validate/identifier.ts'

test.each([
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['1.5s', 1500],
  ['.5m', 30_000],
  ['5.s', 5000],
  ['100ms', 100],
  ['1µs', 0.001],
  ['1m1m', 120_000],
  ['-2m', -120_000],
  ['+1s', 1000],
  ['0', 0],
  ['-0', 0],
  ['', undefined],
  ['-', undefined],
  ['5', undefined],
  ['5 m', undefined],
  ['1d', undefined],
  ['.s', undefined],
  ['1h 30m', undefined],
  ['never', undefined],
  ['999999999h', undefined],
])('duration %j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  ['1024', 1024],
  ['1k', 1024],
  ['512MB', 512 * 1024 ** 2],
  ['1gb', 1024 ** 3],
  ['2GiB', 2 * 1024 ** 3],
  ['64Ki', 65_536],
  ['', undefined],
  ['1.5GB', undefined],
  ['1TB', undefined],
  ['1 GB', undefined],
  ['-1', undefined],
  ['99999999999999GB', undefined],
])('memory %j is %j bytes', (text, bytes) => {
  expect(parseMemory(text)).toBe(bytes)
})

test.each([
  ['text', 'text'],
  [null, ''],
  [true, 'true'],
  [1.5, '1.5'],
  [1e20, '100000000000000000000'],
  [{ 10: 1, 9: 2 }, '{"10":1,"9":2}'],
  [{ b: [1, 'x'], a: { d: null, c: true } }, '{"a":{"c":true,"d":null},"b":[1,"x"]}'],
  [[], '[]'],
])('a param %j as environment variable is %j', (value, text) => {
  expect(envValue(value)).toBe(text)
})

test.each<[string, string, boolean | undefined, GlobDialect?]>([
  ['a*', 'abc', true],
  ['a*', 'a', true],
  ['*b*', 'abc', true],
  ['*', '', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[a-c]x', 'bx', true],
  ['[!a]', 'b', true],
  ['[!a]', '!', true],
  ['[!a]', '!', true, 'passed'],
  ['[!a]', 'b', false, 'passed'],
  ['[^a-c]x', 'bx', false, 'passed'],
  ['[^a-c]x', 'dx', true, 'passed'],
  ['[^a]x', 'bx', false],
  ['[^a]x', '^x', true],
  ['[ab-d]x', 'cx', true, 'passed'],
  ['[ab-d]x', 'cx', false],
  ['[ab-d]x', '-x', true],
  ['[d-a]', 'b', undefined],
  ['[]]', ']', undefined],
  ['[]]', ']', undefined, 'passed'],
  ['{a,b}', 'a', false, 'passed'],
  ['{a,b}', '{a,b}', true, 'passed'],
  ['*', 'a/b', true],
  ['*', 'a/b', false, 'passed'],
  ['x-{a,b}-*', 'x-b-1', true],
  ['x-{a,b}', 'x-c', false],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'a', false],
  ['?', '😀', true],
  ['[x', 'x', undefined],
  ['{a', 'a', undefined],
  ['\\', '\\', undefined],
])('glob %j on %j: %j', (pattern, name, matches, dialect) => {
  expect(isGlob(pattern)).toBe(true)
  expect(matchGlob(pattern, name, dialect ?? 'group')).toBe(matches)
})

test('a glob of many stars does not take forever', () => {
  expect(matchGlob(`${'*a'.repeat(200)}*b`, 'a'.repeat(2000), 'group')).toBe(false)
  expect(matchGlob('{a,b}'.repeat(50), 'x', 'group')).toBeUndefined()
})

test('edits are counted as people make them', () => {
  expect(editDistance('trigger', 'triger', 3)).toBe(1)
  expect(editDistance('task', 'tsak', 3)).toBe(1)
  expect(editDistance('abc', 'xyz', 2)).toBe(3)
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b, 20)
      expect(distance).toBe(editDistance(b, a, 20))
      expect(distance === 0).toBe(a === b)
    }),
  )
})

test.each([
  ['resorces', 'resources'],
  ['inParallel', 'in_parallel'],
  ['gte', 'get'],
  ['banana', undefined],
  ['', undefined],
])('%j was meant to be %j', (name, near) => {
  expect(nearMiss(name, ['resources', 'in_parallel', 'get', 'put', 'jobs'])).toBe(near)
})

test('paths are read as they are written', () => {
  expect(formatPath(pathOf('jobs', 0, 'plan', 2, 'task'))).toBe('jobs[0].plan[2].task')
  expect(formatPath(pathOf('resources', 1, 'source', 'a.b', 'x y'))).toBe('resources[1].source["a.b"]["x y"]')
  expect(parsePath('jobs[')).toBeUndefined()
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.string({ unit: 'grapheme' }))), (keys) => {
      expect(parsePath(formatPath(pathOf(...keys)))).toEqual(keys)
    }),
  )
})

test('a source goes over its type’s defaults key by key', () => {
  expect(withDefaults({ a: 1, m: { x: 1 } }, { defaults: { a: 0, b: 2, m: { y: 2 } } })).toEqual({ a: 1, b: 2, m: { x: 1 } })
  expect(withDefaults({ a: 1 }, undefined)).toEqual({ a: 1 })
  expect(withDefaults(undefined, {})).toEqual({})
})

describe('overrideTask', () => {
  test('a step’s params and limits go over the task’s', () => {
    const task = { platform: 'linux', params: { A: 'a', B: 'b' }, container_limits: { cpu: 1, memory: 2 } }
    expect(overrideTask(task, { params: { B: 'x', C: 'y' }, container_limits: { memory: 3 } })).toEqual({
      config: { platform: 'linux', params: { A: 'a', B: 'x', C: 'y' }, container_limits: { cpu: 1, memory: 3 } },
      warnings: ['C was defined in pipeline but missing from task file'],
    })
  })

  test('nothing to override changes nothing', () => {
    expect(overrideTask({ platform: 'linux' }, {})).toEqual({ config: { platform: 'linux' }, warnings: [] })
  })
})

test.each([
  ['build', undefined],
  ['1-build_x.y', undefined],
  ['größe', undefined],
  ['Build', 'must start with a lowercase letter or a number'],
  ['-x', 'must start with a lowercase letter or a number'],
  ['aB', "illegal character 'B'"],
  ['a b', "illegal character ' '"],
  ['12', 'cannot be just numbers'],
])('the name %j: %s', (name, fault) => {
  expect(identifierFault(name)).toBe(fault)
})
