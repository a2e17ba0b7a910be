import type { z } from 'zod'
import type { cardSchema } from '../web-schemas.ts'
import type { DashboardPipeline } from '../web-ports.ts'

export type Card = z.input<typeof cardSchema>

/** `member`: whoever sees it has a role in its team, and may see people's names and what checks say. */
export function presentCard(pipeline: DashboardPipeline, member: boolean): Card {
  const { paused, instanceVars, groups, display } = pipeline
  const { s, n } = stateOf(pipeline, member)
  return {
    id: pipeline.id,
    team: pipeline.team,
    name: pipeline.name,
    ...(instanceVars && { vars: instanceVars }),
    pos: pipeline.place,
    jobs: pipeline.jobs,
    ...(pipeline.jobNames !== '' && { names: pipeline.jobNames }),
    s,
    n,
    ...(paused && { paused: { ...(paused.by !== undefined && member && { by: paused.by }), ...(paused.at !== undefined && { at: paused.at }), ...(paused.why !== undefined && member && { why: paused.why }) } }),
    ...(pipeline.failing && !paused && !pipeline.archived && { checks: pipeline.failing.count }),
    ...(pipeline.pinned && { pinned: true }),
    ...(pipeline.public && { public: true }),
    ...(pipeline.archived && { archived: true }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(display && { display }),
  }
}

function stateOf({ paused, finished, running, failing }: DashboardPipeline, member: boolean): Pick<Card, 's' | 'n'> {
  if (paused !== undefined) return { s: 'paused', n: { kind: 'paused', ...(paused.at !== undefined && { at: paused.at }) } }
  if (finished !== undefined && finished.status !== 'succeeded') return { s: finished.status, n: { kind: finished.status, job: finished.job, at: finished.at } }
  const s = running !== undefined ? 'running' : finished !== undefined ? 'succeeded' : 'pending'
  if (failing !== undefined) return { s, n: { kind: 'check', job: failing.resource, ...(failing.error !== null && member && { text: firstLine(failing.error) }) } }
  if (running !== undefined) return { s, n: { kind: 'running', job: running.job, at: running.at } }
  return { s, n: finished === undefined ? { kind: 'new' } : { kind: 'succeeded', at: finished.at } }
}

const longestText = 200
const firstLine = (text: string): string => (text.trimStart().split('\n', 1)[0] ?? '').slice(0, longestText)
