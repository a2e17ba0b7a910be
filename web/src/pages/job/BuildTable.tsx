import { useState } from 'preact/hooks'
import type { Build, Job } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Command, Empty, Skeleton } from '../../parts/Notice.tsx'
import { Pager } from '../../parts/Pager.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import type { Paging } from '../../routes/route.ts'
import { fly, flyName } from '../../store/fly.ts'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import { usePage } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import { BuildRow } from './BuildRow.tsx'
import css from './BuildTable.module.css'

export interface BuildTableProps {
  readonly route: PageProps<'job'>['route']
  readonly job: Job
  readonly archived: boolean
  /** The newest builds; shown while neither a page nor a status is asked for. */
  readonly live: readonly Build[]
  /** How long a build of the job usually takes, in ms. */
  readonly usual: number | undefined
}

const statuses = ['succeeded', 'failed', 'errored', 'aborted', 'started', 'pending'] as const
type Status = (typeof statuses)[number]

/** Builds of the job, the newest first. */
export function BuildTable({ route, job, archived, live, usual }: BuildTableProps): preact.JSX.Element {
  const { id, paging } = route
  const [status, setStatus] = useState<Status>()
  const asked = paging !== undefined || status !== undefined
  // A page of the list is asked for again when a build has ended: it may stand on it.
  const page = usePage<Build>(asked ? apiPath(id, ['jobs', job.name, 'builds'], { ...queryOf(paging), ...(status !== undefined && { status }) }) : undefined, job.finished_build?.id)
  const older = (builds: readonly Build[]): Paging | undefined => (builds.length < 100 ? undefined : { to: (builds.at(-1)?.id ?? 1) - 1, limit: 100 })
  const shown = !asked ? { items: live, older: older(live), newer: undefined } : page.kind === 'ready' ? page.value : undefined
  const link = (to: Paging | undefined) => (to === undefined ? undefined : href({ page: 'job', id, job: job.name, paging: to }))
  return (
    <section class={css.builds}>
      <div class={css.filters} role="group" aria-label="Builds by status">
        <button class={css.chip} aria-pressed={status === undefined} onClick={() => setStatus(undefined)}>
          All
        </button>
        {statuses.map((one) => (
          <button key={one} class={css.chip} aria-pressed={status === one} onClick={() => setStatus(status === one ? undefined : one)}>
            <StateIcon state={stateOfStatus(one)} label="" /> {one === 'started' ? 'running' : one}
          </button>
        ))}
      </div>
      {page.kind === 'failed' && asked && <Failure error={page.error} retry={page.retry} />}
      {shown === undefined && page.kind === 'loading' && <Skeleton />}
      {shown?.items.length === 0 && (
        <Empty title={asked ? 'No build matches' : 'This job never ran'}>
          <p>{asked ? 'Builds may have another status, or stand on another page.' : 'It starts when an input with trigger: true has a new version, or by hand:'}</p>
          {!asked && <Command>{fly('trigger-job', '-j', flyName(id, job.name))}</Command>}
        </Empty>
      )}
      {shown !== undefined && shown.items.length > 0 && (
        <ol class={css.list} aria-label="Builds, the newest first">
          {shown.items.map((build) => (
            <BuildRow key={build.id} id={id} job={job} archived={archived} build={build} usual={usual} />
          ))}
        </ol>
      )}
      <Pager newer={link(shown?.newer)} older={link(shown?.older)} label="Pages of builds" />
    </section>
  )
}

function queryOf(paging: Paging | undefined): Record<string, string> {
  if (paging === undefined) return {}
  return { limit: String(paging.limit), ...('from' in paging ? { from: String(paging.from) } : { to: String(paging.to) }) }
}
