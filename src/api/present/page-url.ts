import type { PipelineRef } from '../../model/pipeline.ts'
import { instanceQuery } from '../../config/vars/instance-query.ts'

/** Path of the page of a pipeline, or of what is in it: `pageUrl(p, 'jobs', 'unit')`. */
export const pageUrl = (pipeline: PipelineRef, ...rest: readonly string[]): string => `/${['teams', pipeline.team, 'pipelines', pipeline.name, ...rest].map(encodeURIComponent).join('/')}${instanceQuery(pipeline.instanceVars)}`
