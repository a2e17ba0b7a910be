import { pipelinesSuite } from '../../db/conformance/pipelines.suite.ts'
import { MemoryPipelines } from './memory-pipelines.ts'

pipelinesSuite({
  name: 'pipelines in memory',
  fresh: () => {
    const memory = new MemoryPipelines(['main', 'other'])
    return Promise.resolve({ pipelines: memory, resources: memory })
  },
})
