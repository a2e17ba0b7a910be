import { useState } from 'preact/hooks'
import type { Resource, ResourceVersion } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Empty, Notice, Skeleton } from '../../parts/Notice.tsx'
import { Pager } from '../../parts/Pager.tsx'
import { PinIcon } from '../../parts/PinIcon.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { Heading } from '../../shell/Heading.tsx'
import type { Paging } from '../../routes/route.ts'
import { ResourceIcon } from '../../shell/ResourceIcon.tsx'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import type { PipelineData } from '../../store/pipeline.ts'
import { check, clear } from '../../store/resource-actions.ts'
import { usePage } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import { CheckFrom } from './CheckFrom.tsx'
import { Checks } from './Checks.tsx'
import { PinBox } from './PinBox.tsx'
import { UsedByJobs } from './UsedByJobs.tsx'
import { VersionFilter } from './VersionFilter.tsx'
import { VersionRow } from './VersionRow.tsx'
import css from './ResourceView.module.css'

export interface ResourceViewProps {
  readonly route: PageProps<'resource'>['route']
  readonly resource: Resource
  readonly data: PipelineData
}

const limit = 100

export function ResourceView({ route, resource, data: { pipeline, jobs } }: ResourceViewProps): preact.JSX.Element {
  const { id, filter } = route
  const [changes, setChanges] = useState(0)
  const changed = (): void => setChanges((count) => count + 1)
  // A check that ends, a pin: the resource changes, and then its versions may have.
  const version = `${changes} ${resource.build?.id} ${resource.build?.status} ${resource.last_checked} ${JSON.stringify(resource.pinned_version)}`
  const page = usePage<ResourceVersion>(versionsPath(route), version)
  const now = { id, resource: resource.name, archived: pipeline.archived }
  const state = resource.build === undefined ? undefined : stateOfStatus(resource.build.status)
  const link = (to: Paging | undefined) => (to === undefined ? undefined : href({ page: 'resource', id, resource: resource.name, filter, paging: to }))
  return (
    <article class={css.page}>
      <header class={css.bar}>
        <Heading class={css.heading} title={`${resource.name} ${state === undefined || state === 'succeeded' ? '' : `check ${state}`}`}>
          <StateIcon state={state ?? 'pending'} label={`check ${state ?? 'not run yet'}`} /> {resource.pinned_version !== undefined && <PinIcon />}{' '}
          <ResourceIcon name={resource.icon} /> {resource.name}{' '}
          <span class={css.type}>{resource.type}</span>
        </Heading>
        <ActionButton primary action={check(now)} onDone={changed} />
        <CheckFrom now={now} newest={page.kind === 'ready' ? page.value.items[0]?.version : undefined} onDone={changed} />
        <ActionButton action={{ ...clear(now), label: 'Clear…' }} name={`Clear versions of ${resource.name}`} onDone={changed} />
      </header>
      {pipeline.archived && <Notice kind="warning">The pipeline is archived: this resource is not checked.</Notice>}
      <div class={css.columns}>
        <Checks resource={resource} />
        <PinBox now={now} resource={resource} onDone={changed} />
        <UsedByJobs id={id} resource={resource.name} jobs={jobs} />
      </div>
      <section class={css.versions}>
        <h2>Versions</h2>
        <VersionFilter route={route} keys={page.kind === 'ready' ? Object.keys(page.value.items[0]?.version ?? {}) : []} />
        {page.kind === 'loading' && <Skeleton />}
        {page.kind === 'failed' && <Failure error={page.error} retry={page.retry} />}
        {page.kind === 'ready' && page.value.items.length === 0 && (
          <Empty title={filter.length === 0 ? 'No versions yet' : 'No version is like that'}>
            <p>{filter.length === 0 ? 'The next check that succeeds finds them.' : 'All fields of the filter must be equal.'}</p>
          </Empty>
        )}
        {page.kind === 'ready' && page.value.items.length > 0 && (
          <ol class={css.list} aria-label="Versions, the newest first">
            {page.value.items.map((one) => (
              <VersionRow key={one.id} now={now} version={one} pinned={same(one.version, resource.pinned_version)} onDone={changed} />
            ))}
          </ol>
        )}
        <Pager newer={link(page.kind === 'ready' ? page.value.newer : undefined)} older={link(page.kind === 'ready' ? page.value.older : undefined)} label="Pages of versions" />
      </section>
    </article>
  )
}

function versionsPath({ id, resource, paging, filter }: ResourceViewProps['route']): string {
  const query = paging === undefined ? { limit: String(limit) } : { limit: String(paging.limit), ...('from' in paging ? { from: String(paging.from) } : { to: String(paging.to) }) }
  const path = apiPath(id, ['resources', resource, 'versions'], query)
  return filter.reduce((all, [key, value]) => `${all}&filter=${encodeURIComponent(`${key}:${value}`)}`, path)
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>> | undefined): boolean {
  return b !== undefined && Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value)
}
