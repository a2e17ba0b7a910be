import { pipelineOperationsSuite } from '../../db/conformance/pipeline-operations.suite.ts'
import { pipelinesSuite } from '../../db/conformance/pipelines.suite.ts'
import { MemoryPipelines } from './memory-pipelines.ts'
import { setByStepSuite } from './set-by-step.suite.ts'

const fresh = () => {
  const memory = new MemoryPipelines(['main', 'other'])
  return Promise.resolve({ pipelines: memory, resources: memory })
}

pipelinesSuite({ name: 'pipelines in memory', fresh })
pipelineOperationsSuite({ name: 'operations on pipelines in memory', fresh })
setByStepSuite({ name: 'set_pipeline in memory', fresh: async () => (await fresh()).pipelines })
