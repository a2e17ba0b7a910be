import type { TestCase, TestSuite } from '../../api/types.ts'

export interface ShownCase {
  readonly key: string
  readonly test: TestCase
  readonly suite: string
}

const order: Readonly<Record<TestCase['state'], number>> = { failed: 0, errored: 0, skipped: 1, passed: 2 }

/** Cases of all suites whose name, class or suite has a text, those that failed first; else in the reports' order. */
export function shownCases(suites: readonly TestSuite[], text: string): readonly ShownCase[] {
  const wanted = text.trim().toLowerCase()
  return suites
    .flatMap((suite, at) => suite.cases.map((test, index) => ({ key: `${at} ${index}`, test, suite: suite.name })))
    .filter(({ test, suite }) => wanted === '' || `${test.name}\n${test.class ?? ''}\n${suite}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => order[a.test.state] - order[b.test.state])
}

type Counts = Readonly<Record<TestCase['state'], number>>

export function countsOf(suites: readonly TestSuite[]): Counts {
  const counts = { passed: 0, failed: 0, errored: 0, skipped: 0 }
  for (const { cases } of suites) for (const { state } of cases) counts[state]++
  return counts
}

/** `412 tests, 3 failed`; undefined: there are none. */
export function summaryText({ passed, failed, errored, skipped }: Counts): string | undefined {
  const all = passed + failed + errored + skipped
  if (all === 0) return undefined
  const told = [failed > 0 && `${failed} failed`, errored > 0 && `${errored} errored`, failed + errored === 0 && (skipped === 0 ? 'all passed' : `${skipped} skipped`)].filter((part) => part !== false)
  return [`${all} ${all === 1 ? 'test' : 'tests'}`, ...told].join(', ')
}

/** `2 failed, 1 skipped, 40 passed of 43 tests`. */
export function countsText(counts: Counts): string {
  const all = counts.passed + counts.failed + counts.errored + counts.skipped
  const told = (['failed', 'errored', 'skipped', 'passed'] as const).filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`)
  return `${told.length === 0 ? 'none' : told.join(', ')} of ${all} ${all === 1 ? 'test' : 'tests'}`
}
