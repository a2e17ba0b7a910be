import fc from 'fast-check'
import type { GraphJob } from '../model.ts'

/** Jobs in a row of their names: `a > b` says that b gets what passed a and is started by it; `a ~ b` that it is not started. A name alone: a job without inputs. */
export function jobsOf(...rows: readonly string[]): GraphJob[] {
  const inputs = new Map<string, { resource: string; trigger: boolean; passed: string[] }[]>()
  const of = (name: string) => inputs.get(name) ?? inputs.set(name, []).get(name)!
  for (const row of rows) {
    const [first = '', ...rest] = row.split(' ')
    of(first)
    for (let from = first, index = 0; index < rest.length; index += 2) {
      const to = rest[index + 1]!
      of(to).push({ resource: `of-${from}`, trigger: rest[index] === '>', passed: [from] })
      from = to
    }
  }
  return [...inputs].map(([name, all]) => ({ name, inputs: all }))
}

const input = (count: number) =>
  fc.record({
    resource: fc.integer({ min: 0, max: 5 }).map((number) => `resource-${number}`),
    trigger: fc.boolean(),
    passed: fc.array(fc.integer({ min: 0, max: count }).map((number) => `job-${number}`), { maxLength: 3 }),
  })

/** Pipelines with circles, jobs that wait for themselves and `passed` of jobs that are not there. */
export const anyJobs: fc.Arbitrary<GraphJob[]> = fc.integer({ min: 0, max: 24 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_none, number) =>
      fc.record({
        name: fc.constant(`job-${number}`),
        inputs: fc.array(input(count), { maxLength: 3 }),
        outputs: fc.array(fc.integer({ min: 0, max: 5 }).map((resource) => ({ resource: `resource-${resource}` })), { maxLength: 2 }),
      }),
    ),
  ),
)
