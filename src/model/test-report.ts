import type { PlanId } from './plan.ts'

export type TestState = 'passed' | 'failed' | 'errored' | 'skipped'

export interface TestCase {
  readonly name: string
  readonly class?: string
  readonly state: TestState
  readonly ms?: number
  /** One line, of a case that did not pass. */
  readonly message?: string
  /** What the tool says of it: an assertion, a stack. */
  readonly text?: string
  /** What a failed case wrote. */
  readonly output?: string
}

/** Cases of one suite of one file; those that failed come first. */
export interface TestSuite {
  readonly plan: PlanId
  /** In the step's output: `OUTPUT/path/in/it`. */
  readonly file: string
  readonly name: string
  readonly cases: readonly TestCase[]
}

export type TestCounts = Readonly<Record<TestState, number>>

/** What the steps of a build reported of their tests. Every list and text has a bound. */
export interface TestReports {
  /** Of all cases that were read, also of those that are not listed. */
  readonly counts: TestCounts
  /** Those with failed cases come first. */
  readonly suites: readonly TestSuite[]
  /** Sentences: what was not read, or not in full, and why. */
  readonly leftOut: readonly string[]
}
