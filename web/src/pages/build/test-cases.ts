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

export function countsOf(suites: readonly Pick<TestSuite, 'counts'>[]): Counts {
  const sum = { passed: 0, failed: 0, errored: 0, skipped: 0 }
  for (const { counts } of suites) for (const state of ['passed', 'failed', 'errored', 'skipped'] as const) sum[state] += counts[state]
  return sum
}

/** What the tab of a step says: `Tests 412`, `Tests 2 / 412` where two of them failed; without a count while none is known. */
export function tabText(suites: readonly Pick<TestSuite, 'plan' | 'counts'>[] | undefined, plan: string): string {
  const { passed, failed, errored, skipped } = countsOf((suites ?? []).filter((suite) => suite.plan === plan))
  const [bad, all] = [failed + errored, passed + failed + errored + skipped]
  return all === 0 ? 'Tests' : `Tests ${bad === 0 ? '' : `${bad} / `}${all}`
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
