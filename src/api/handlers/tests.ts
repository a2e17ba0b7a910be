import { jsonOf, text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { buildTestsSchema } from '../web-schemas.ts'

/** What the build's tasks reported of their tests. */
export const getBuildTests: Handler<'build'> = async ({ buildTests }, _request, { build }) => {
  const read = await buildTests(build.id)
  if (!read.ok) return text(503, read.error)
  const { counts, suites, leftOut } = read.value
  return jsonOf(buildTestsSchema, { counts, suites: suites.map(({ plan, file, name, cases }) => ({ plan, file, name, cases: [...cases] })), left_out: [...leftOut] })
}
