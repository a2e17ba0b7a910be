import { pipelinesSuite } from '../../db/conformance/pipelines.suite.ts'
import { MemoryPipelines } from './memory-pipelines.ts'

pipelinesSuite({ name: 'pipelines in memory', fresh: () => Promise.resolve(new MemoryPipelines(['main', 'other'])) })
