import { encodeStoredBuild } from '../engine/stored-build.ts'
import { eventVersions, type BuildEvent } from '../model/event.ts'
import { finalStatus } from '../model/final-status.ts'
import type { CheckBuild, CheckedResource } from './ports.ts'

/** Shows why a resource whose pipeline's config cannot be read was not checked: a build that ran nothing. */
export function unreadable({ teamId, pipelineId }: CheckedResource, message: string, { runtime, now }: { readonly runtime: object; readonly now: number }): Omit<CheckBuild, 'scopeId'> {
  const time = Math.floor(now / 1000)
  const write = (event: BuildEvent, key: string) => ({ key, type: event.type, version: eventVersions[event.type], payload: JSON.stringify(event.data) })
  const end = finalStatus('errored', time)
  const events = [write({ type: 'error', data: { message, origin: { id: '' }, time } }, 'error'), write(end.event, end.key)]
  const context = encodeStoredBuild({ varSources: [], runtime, plan: { id: '1', kind: 'do', do: [] } })
  return { teamId, pipelineId, status: 'errored', context, createdAt: now, endedAt: now, events }
}
