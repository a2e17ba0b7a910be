import type { GraphJob } from '../../web/src/graph/model.ts'
import { jobsView } from '../../web/src/graph/jobs-view.ts'
import { resourcesView } from '../../web/src/graph/resources-view.ts'
import type { Finding } from '../report.ts'

const runs = 20

/** The layout of pipelines of 111 and of 1 000 jobs, as the page's worker does it, in this process. */
export function graphs(): Finding {
  const series: Record<string, number[]> = {}
  const measure = (name: string, lay: () => unknown): void => {
    const taken = (series[name] = [] as number[])
    for (let run = -1; run < runs; run += 1) {
      const begun = performance.now()
      lay()
      if (run >= 0) taken.push(performance.now() - begun)
    }
  }
  const [small, large] = [jobsOf(111), jobsOf(1_000)]
  measure('111 jobs', () => jobsView(small))
  measure('111 jobs with resources', () => resourcesView(small))
  measure('1 000 jobs', () => jobsView(large))
  return { bench: 'web', title: 'the layout of a graph', series, goal: '<= 20, 200, 1 000 ms' }
}

/** Chains of jobs side by side, which share a resource in three and join now and then: the same ones each time. */
function jobsOf(count: number): GraphJob[] {
  const wide = Math.max(4, Math.round(Math.sqrt(count)))
  return Array.from({ length: count }, (_, at): GraphJob => {
    const before = at - wide < 0 ? [] : at % 7 === 0 ? [at - wide, at - wide + 1] : [at - wide]
    const passed = before.map((one) => `job-${one}`)
    const inputs = [
      { resource: `code-${at % wide}`, trigger: true, passed },
      ...(at % 3 === 0 ? [{ resource: `tools-${at % 5}`, trigger: false, passed: [] }] : []),
    ]
    return { name: `job-${at}`, inputs, outputs: at % 4 === 0 ? [{ resource: `built-${at % wide}` }] : [] }
  })
}
