import type { TestCounts, TestSuite } from '../../model/test-report.ts'
import { jsonOf, text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { buildTestsSchema } from '../web-schemas.ts'

/** Of each suite, where only what failed is asked for: the answer stays small, whatever a build reports. */
const mostFailedCases = 20

function countsOf(cases: TestSuite['cases']): TestCounts {
  const counts = { passed: 0, failed: 0, errored: 0, skipped: 0 }
  for (const { state } of cases) counts[state]++
  return counts
}

/** What the build's tasks reported of their tests; `cases=failed`: of their cases only those that failed, with the counts of all. */
export const getBuildTests: Handler<'build'> = async ({ buildTests }, { query }, { build }) => {
  const wanted = query.get('cases')
  if (wanted !== null && wanted !== 'failed') return text(400, 'cases must be "failed"; without it, all cases are listed')
  const read = await buildTests(build.id)
  if (!read.ok) return text(503, read.error)
  const { counts, suites, leftOut } = read.value
  const listed = (cases: TestSuite['cases']) => (wanted === null ? [...cases] : cases.filter(({ state }) => state === 'failed' || state === 'errored').slice(0, mostFailedCases))
  return jsonOf(buildTestsSchema, { counts, suites: suites.map(({ plan, file, name, cases }) => ({ plan, file, name, counts: countsOf(cases), cases: listed(cases) })), left_out: [...leftOut] })
}
