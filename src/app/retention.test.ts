import { expect, test } from 'vitest'
import type { Pipeline } from '../model/pipeline.ts'
import { PipelineConfigs } from '../pipelines/configs.ts'
import { UnreadableConfig } from '../pipelines/ports.ts'
import type { JobOfPipeline } from '../retention/build-log-collection.ts'
import { jobsOf } from './retention.ts'

test('a pipeline whose config cannot be read keeps its logs, and those of the others are collected', async () => {
  const config = { jobs: [{ name: 'j', build_log_retention: { builds: 3 }, plan: [] }] }
  const store = { config: (id: number) => (id === 1 ? Promise.reject(new UnreadableConfig(id, 'encrypted with another key')) : Promise.resolve(config)) }
  const pipelines = {
    list: () => Promise.resolve([1, 2].map((id) => ({ id, configVersion: 1 }) as Pipeline)),
    jobs: (id: number) => Promise.resolve([{ id: id * 10, pipelineId: id, name: 'j', active: true, paused: false, public: false }]),
  }
  const jobs: JobOfPipeline[] = []
  for await (const some of jobsOf({ pipelines }, new PipelineConfigs(store))) jobs.push(...some)
  expect(jobs).toEqual([{ id: 20, config: expect.objectContaining({ build_log_retention: { builds: 3 } }) as unknown }])
})
