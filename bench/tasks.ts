import { parsePipeline } from '../src/config/parse-pipeline.ts'
import type { Json } from '../src/model/json.ts'
import { planJob } from '../src/planner/job-plan.ts'
import type { Plan } from '../src/model/plan.ts'
import type { Version } from '../src/model/version.ts'

export interface Task {
  readonly name: string
  /** `host:port/name`, tag `1`. */
  readonly repository: string
  /** For `sh -ec`. */
  readonly script: string
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
}

/** The plan of a job with these tasks in a row, by the way that a pipeline goes. */
export function planOf(tasks: readonly Task[]): Plan {
  const step = ({ name, repository, script, inputs = [], outputs = [] }: Task): Json => ({
    task: name,
    config: {
      platform: 'linux',
      image_resource: { type: 'registry-image', source: { repository, tag: '1', insecure: true } },
      inputs: inputs.map((input) => ({ name: input })),
      outputs: outputs.map((output) => ({ name: output })),
      run: { path: 'sh', args: ['-ec', script] },
    },
  })
  return planPipeline({ jobs: [{ name: 'bench', plan: tasks.map(step) }] })
}

/** The plan of a pipeline's first job. `inputs`: versions by the get step's name; `types`: base types next to registry-image. */
export function planPipeline(pipeline: Json, { inputs = new Map(), types = [] }: { readonly inputs?: ReadonlyMap<string, Version>; readonly types?: readonly string[] } = {}): Plan {
  const { config, findings } = parsePipeline(JSON.stringify(pipeline), { file: 'bench.yml', baseTypes: ['registry-image', ...types] })
  const [job] = config?.jobs ?? []
  if (config === undefined || job === undefined) throw new Error(findings.map(({ message }) => message).join('; '))
  const plan = planJob(config, job, { inputs, manual: true })
  if (!plan.ok) throw new Error(`a bench's job cannot be planned: ${plan.error.kind}`)
  return plan.value
}
