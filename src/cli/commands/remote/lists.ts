import type { Command } from 'commander'
import type { Answer } from '../../../client/api-client.ts'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { fail, ok } from '../../../model/result.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { teamFlag } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { one } from '../../settings/types.ts'

interface ListCommand<T> {
  readonly names: readonly [string, string]
  readonly summary: string
  readonly items: (session: Session, team: string, since: string | undefined) => Answer<readonly T[]>
  /** Columns: their heads, and what stands in them. */
  readonly columns: Readonly<Record<string, (item: T) => string | number | undefined>>
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()
const whole = (name: string | undefined, instanceVars: unknown): string => (name === undefined ? '' : pipelineText({ name, ...(instanceVars != null && { instanceVars: instanceVars as never }) }))

const day = { type: one('DATE', (text) => (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? ok(text) : fail('write a day as 2026-01-31'))), summary: 'who logged in on this day or later', otherwise: 'the last two months' } as const

/** Lists that are no part of a pipeline. */
export function addListCommands(program: Command): void {
  const list = <T>({ names, summary, items, columns }: ListCommand<T>, flags: { readonly since?: typeof day } = {}): void =>
    addRemoteCommand(program, {
      names,
      summary,
      examples: [`airside ${names[0]}`, `airside ${names[0]} --json`],
      flags: { ...flags, team: teamFlag, ...jsonFlag },
      async run(session, given) {
        const { team = session.target.team, json } = given
        const found = orFail(await items(session, team, 'since' in given ? (given.since as string | undefined) : undefined), session, `there is no team ${team}`)
        showList({ json, items: found, head: Object.keys(columns), row: (item) => Object.values(columns).map((show) => ({ text: String(show(item) ?? '') })) })
      },
    })

  list({
    names: ['containers', 'cs'],
    summary: 'list the containers of a team: of steps that run, or that are kept',
    items: ({ api }, team) => api.containers(team, new URLSearchParams()),
    columns: {
      handle: ({ id }) => id, pipeline: (one) => whole(one.pipeline_name, one.pipeline_instance_vars), job: (one) => one.job_name, 'build #': (one) => one.build_name, 'build id': (one) => one.build_id,
      type: ({ type }) => type, name: (one) => one.step_name ?? one.resource_name, attempt: ({ attempt }) => attempt ?? 'n/a', worker: (one) => one.worker_name,
    },
  })
  list({
    names: ['volumes', 'vs'],
    summary: 'list what is stored for a team: caches of tasks, uploads and outputs',
    items: ({ api }, team) => api.volumes(team),
    columns: { handle: ({ id }) => id, worker: (one) => one.worker_name, type: ({ type }) => type, pipeline: (one) => whole(one.pipeline_name || undefined, one.pipeline_instance_vars), job: (one) => one.job_name, step: (one) => one.step_name, path: ({ path }) => path },
  })
  list({
    names: ['workers', 'ws'],
    summary: 'list what runs the steps',
    items: ({ api }) => api.workers(),
    columns: { name: ({ name }) => name, containers: (one) => one.active_containers, tasks: (one) => one.active_tasks, platform: ({ platform }) => platform, tags: ({ tags }) => tags.join(', ') || 'none', team: ({ team }) => team || 'none', state: ({ state }) => state, version: ({ version }) => version },
  })
  list({
    names: ['paused-jobs', 'pjs'],
    summary: 'list the paused jobs of a team',
    items: async ({ api }, team) => {
      const jobs = await api.allJobs()
      return jobs.ok ? ok(jobs.value.filter((job) => job.paused === true && job.team_name === team)) : jobs
    },
    columns: { pipeline: (one) => whole(one.pipeline_name, one.pipeline_instance_vars), job: ({ name }) => name },
  })
  list({
    names: ['paused-pipelines', 'pps'],
    summary: 'list the paused pipelines of a team',
    items: async ({ api }, team) => {
      const pipelines = await api.pipelines(team)
      return pipelines.ok ? ok(pipelines.value.filter(({ paused, archived }) => paused && !archived)) : pipelines
    },
    columns: { pipeline: (one) => whole(one.name, one.instance_vars), 'paused by': (one) => one.paused_by, 'paused at': (one) => (one.paused_at === undefined ? '' : iso(one.paused_at)) },
  })
  list(
    {
      names: ['active-users', 'au'],
      summary: 'list who logged in lately (for admins)',
      items: ({ api }, _team, since) => api.activeUsers(since),
      columns: { username: ({ username }) => username, connector: ({ connector }) => connector, 'last login': (one) => iso(one.last_login) },
    },
    { since: day },
  )
}
