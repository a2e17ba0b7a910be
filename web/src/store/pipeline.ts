import { useMemo } from 'preact/hooks'
import { apiPath } from './paths.ts'
import type { JobSummary, Pipeline, Resource, WatchItems } from '../api/types.ts'
import type { PipelineId } from '../routes/route.ts'
import { notLiveSince } from './connection.ts'
import { useAnswer, type Failed } from './use-answer.ts'
import { useTopic } from './use-topic.ts'

/** A pipeline with its jobs and resources, in the config's order. */
export interface PipelineData {
  readonly pipeline: Pipeline
  readonly jobs: readonly JobSummary[]
  readonly resources: readonly Resource[]
}

export type PipelineState = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly data: PipelineData } | { readonly kind: 'refused'; readonly status: number } | Failed

/** Live, once the API has said the id of what the URL names: topics have ids. Where there is no connection for that, what the API says once. */
export function usePipeline(id: PipelineId): PipelineState {
  const named = useAnswer<Pipeline>(apiPath(id))
  const topic = useTopic<WatchItems['pipeline/1']>(named.kind === 'ready' ? `pipeline/${named.value.id}` : undefined)
  const once = topic.kind === 'loading' && notLiveSince.value !== undefined
  const jobs = useAnswer<readonly JobSummary[]>(once ? apiPath(id, ['jobs']) : undefined)
  const resources = useAnswer<readonly Resource[]>(once ? apiPath(id, ['resources']) : undefined)
  const items = topic.kind === 'ready' ? topic.items : undefined
  const live = useMemo(() => items && dataOf(items), [items])
  if (named.kind === 'failed') return named.error.status >= 400 && named.error.status < 500 ? { kind: 'refused', status: named.error.status } : named
  if (topic.kind === 'refused') return topic
  if (live !== undefined) return { kind: 'ready', data: live }
  if (named.kind === 'ready' && jobs.kind === 'ready' && resources.kind === 'ready') return { kind: 'ready', data: { pipeline: named.value, jobs: jobs.value, resources: resources.value } }
  return { kind: 'loading' }
}

function dataOf(items: readonly WatchItems['pipeline/1'][]): PipelineData | undefined {
  const pipeline = items.flatMap((item) => ('pipeline' in item ? [item.pipeline] : []))[0]
  if (pipeline === undefined) return undefined
  return { pipeline, jobs: items.flatMap((item) => ('job' in item ? [item.job] : [])), resources: items.flatMap((item) => ('resource' in item ? [item.resource] : [])) }
}
