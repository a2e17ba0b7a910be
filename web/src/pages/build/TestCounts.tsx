import type { BuildTests } from '../../api/types.ts'
import css from './BuildSummary.module.css'

export interface TestCountsProps {
  readonly tests: BuildTests
  /** `412 tests, 3 failed`. */
  readonly text: string
  /** To the tests of a step. */
  readonly hrefOf: (plan: string) => string
}

const mostNames = 3

/** How many tests the build's steps reported and which failed, with the way to them. */
export function TestCounts({ tests: { counts, suites }, text, hrefOf }: TestCountsProps): preact.JSX.Element | null {
  const failing = suites.find(({ cases }) => cases.length > 0) ?? suites[0]
  if (failing === undefined) return null
  const names = suites.flatMap(({ cases }) => cases.map(({ name }) => name))
  const more = counts.failed + counts.errored - mostNames
  return (
    <p class={css.tests}>
      <a href={hrefOf(failing.plan)}>{text}</a>
      {names.length > 0 && `: ${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`}
    </p>
  )
}
