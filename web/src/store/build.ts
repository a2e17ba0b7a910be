import { useMemo, useRef } from 'preact/hooks'
import { apiPath } from './paths.ts'
import type { Build, BuildConfig, BuildSteps, Step, WatchItems, Why } from '../api/types.ts'
import type { Route } from '../routes/route.ts'
import { notLiveSince } from './connection.ts'
import { useAnswer, type Answer } from './use-answer.ts'
import { useTopic } from './use-topic.ts'

export interface BuildData {
  readonly build: Build
  /** Of a build that waits. */
  readonly why: Why | undefined
  /** From which version of the pipeline's config it was planned; undefined: that is not known, or not for whoever looks. */
  readonly config: BuildConfig | undefined
  /** In the plan's order; none while there is no plan, and for whom the log is hidden from. */
  readonly steps: readonly Step[]
}

/** `gone`: it is no longer kept, and this is what was read of it. */
export type BuildState = { readonly kind: 'loading' } | { readonly kind: 'ready'; readonly data: BuildData; readonly gone?: true } | { readonly kind: 'refused'; readonly status: number }

export type BuildRoute = Extract<Route, { page: 'build' | 'job-build' }>

/** The build that a URL names: the id stands in it, or a job's build is asked for by its name. */
export function useBuildId(route: BuildRoute): Answer<{ readonly id: number }> {
  const answer = useAnswer<Build>(route.page === 'build' ? undefined : apiPath(route.id, ['jobs', route.job, 'builds', route.build]))
  return route.page === 'build' ? { kind: 'ready', value: { id: route.build } } : answer
}

/** A build and its steps, live; where there is no connection for that, what the API says once. */
export function useBuild(id: number | undefined): BuildState {
  const topic = useTopic<WatchItems['build/1']>(id === undefined ? undefined : `build/${id}`)
  const once = id !== undefined && topic.kind === 'loading' && notLiveSince.value !== undefined
  const answer = useAnswer<BuildSteps>(once ? `/api/v1/builds/${id}/steps` : undefined)
  const items = topic.kind === 'ready' ? topic.items : undefined
  const live = useMemo(() => items && dataOf(items), [items])
  const read = useRef<BuildData | undefined>(undefined)
  if (live !== undefined) read.current = live
  // It was of another build, or read for another person.
  if (topic.kind === 'loading') read.current = undefined
  const last = read.current
  if (topic.kind === 'refused') return topic.status === 410 && last !== undefined && last.build.id === id ? { kind: 'ready', data: last, gone: true } : topic
  if (live !== undefined) return { kind: 'ready', data: live }
  return answer.kind === 'ready' ? { kind: 'ready', data: { build: answer.value.build, steps: answer.value.steps, config: answer.value.config, why: undefined } } : { kind: 'loading' }
}

function dataOf(items: readonly WatchItems['build/1'][]): BuildData | undefined {
  const first = items.find((item) => 'build' in item)
  if (first === undefined || !('build' in first)) return undefined
  return { build: first.build, why: first.why, config: first.config, steps: items.flatMap((item) => ('step' in item ? [item.step] : [])) }
}
