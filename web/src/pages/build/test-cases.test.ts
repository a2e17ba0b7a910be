import { expect, test } from 'vitest'
import { countsOf, countsText, shownCases, summaryText, tabText } from './test-cases.ts'

const suites = [
  { plan: '1', file: 'out/junit.xml', name: 'api', counts: { passed: 1, failed: 1, errored: 0, skipped: 1 }, cases: [{ name: 'a', state: 'passed' as const }, { name: 'b', state: 'failed' as const }, { name: 'c', class: 'Cart', state: 'skipped' as const }] },
  { plan: '1', file: 'out/junit.xml', name: 'ui', counts: { passed: 1, failed: 0, errored: 1, skipped: 0 }, cases: [{ name: 'd', state: 'errored' as const }, { name: 'e', state: 'passed' as const }] },
]

test('cases that failed come first, else all stay in the reports’ order', () => {
  expect(shownCases(suites, '').map(({ test: { name } }) => name)).toEqual(['b', 'd', 'c', 'a', 'e'])
})

test.each([['cart', ['c']], [' UI ', ['d', 'e']], ['B', ['b']], ['zzz', []]])('%s finds cases by name, class and suite', (text, names) => {
  expect(shownCases(suites, text).map(({ test: { name } }) => name)).toEqual(names)
})

test('counts are told in words', () => {
  expect(countsText(countsOf(suites))).toBe('1 failed, 1 errored, 1 skipped, 2 passed of 5 tests')
  expect(countsText(countsOf([]))).toBe('none of 0 tests')
  expect(countsText({ passed: 1, failed: 0, errored: 0, skipped: 0 })).toBe('1 passed of 1 test')
})

test('the tab tells how many tests the step has, and how many of them failed', () => {
  const passed = { plan: '2', counts: { passed: 7, failed: 0, errored: 0, skipped: 1 } }
  expect(tabText([...suites, passed], '1')).toBe('Tests 2 / 5')
  expect(tabText([...suites, passed], '2')).toBe('Tests 8')
  expect(tabText(suites, '3')).toBe('Tests')
  expect(tabText(undefined, '1')).toBe('Tests')
})

test.each([
  [{ passed: 409, failed: 3, errored: 0, skipped: 0 }, '412 tests, 3 failed'],
  [{ passed: 1, failed: 1, errored: 2, skipped: 1 }, '5 tests, 1 failed, 2 errored'],
  [{ passed: 1, failed: 0, errored: 0, skipped: 0 }, '1 test, all passed'],
  [{ passed: 4, failed: 0, errored: 0, skipped: 2 }, '6 tests, 2 skipped'],
  [{ passed: 0, failed: 0, errored: 0, skipped: 0 }, undefined],
])('a summary tells how many tests there were and what is wrong', (counts, text) => expect(summaryText(counts)).toBe(text))
