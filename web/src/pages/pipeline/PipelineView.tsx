import { useEffect, useState } from 'preact/hooks'
import { Graph, type Look } from '../../graph/Graph.tsx'
import { GraphFailed } from '../../graph/GraphFailed.tsx'
import type { GraphJob } from '../../graph/model.ts'
import { jobKey } from '../../graph/picture.ts'
import { Notice, Skeleton } from '../../parts/Notice.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { PauseNotice } from '../../shell/PauseNotice.tsx'
import { iconPath } from '../../store/icons.ts'
import { go, href, replace } from '../../store/navigation.ts'
import { givePipelineReason } from '../../store/pause-reasons.ts'
import { pauseOrUnpausePipeline } from '../../store/pipeline-actions.ts'
import type { PipelineData } from '../../store/pipeline.ts'
import { usePicture } from '../../store/use-picture.ts'
import type { PageProps } from '../registry.ts'
import { Background } from './Background.tsx'
import { jobsOfGroups, shownGroups } from './groups.ts'
import { JobList } from './JobList.tsx'
import { JobPanel } from './JobPanel.tsx'
import { labelOfJob, lastOfJob, stateOfJob, stateOfResource } from './looks.ts'
import { PipelineBar } from './PipelineBar.tsx'
import { useNarrow } from './use-narrow.ts'
import css from './PipelineView.module.css'

export interface PipelineViewProps {
  readonly route: PageProps<'pipeline'>['route']
  readonly data: PipelineData
}

export function PipelineView({ route, data }: PipelineViewProps): preact.JSX.Element {
  const { pipeline, resources } = data
  const groups = shownGroups(pipeline, route.groups)
  const jobs = jobsOfGroups(data.jobs, groups)
  const narrow = useNarrow()
  const [query, setQuery] = useState('')
  // The graph has no name in the URL; who asks for it in a narrow window gets it.
  const [graphWanted, setGraphWanted] = useState(false)
  const show = route.show ?? (narrow && !graphWanted ? 'list' : undefined)
  const selected = jobs.find(({ name }) => name === route.job)
  const place = (changed: { readonly job?: string | undefined }) => {
    const { job: _job, hideUi: _hideUi, ...rest } = route
    return { ...rest, ...(changed.job !== undefined && { job: changed.job }) }
  }
  const select = (job: string | undefined): void => replace(place({ job }))
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) select(undefined)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  const found = query === '' ? undefined : new Set(jobs.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase())).map(({ name }) => name))
  return (
    <section class={css.page}>
      <PipelineBar route={route} data={data} groups={groups} show={show ?? 'jobs'} query={query} onQuery={setQuery} onShow={(wanted) => setGraphWanted(wanted === 'jobs')} onFound={() => select([...(found ?? [])][0])} />
      {pipeline.archived && <Notice kind="warning">This pipeline is archived: its jobs do not run. Setting it again brings it back.</Notice>}
      {pipeline.paused && !pipeline.archived && (
        <PauseNotice what="pipeline" of={pipeline} give={givePipelineReason(route.id, pipeline.archived)} actions={<ActionButton primary action={pauseOrUnpausePipeline({ id: route.id, paused: true, archived: false })} />} />
      )}
      <div class={`${css.body} ${selected === undefined ? '' : css.withPanel}`}>
        <Background display={pipeline.display} />
        {show === 'list' ? (
          <JobList id={route.id} jobs={jobs} found={found} selected={selected?.name} onSelect={select} />
        ) : (
          <PipelineGraph key={show ?? 'jobs'} route={route} data={{ pipeline, jobs, resources }} withResources={show === 'resources'} found={found} onSelect={select} jobHref={(job) => href(place({ job }))} />
        )}
        {selected !== undefined && <JobPanel id={route.id} archived={pipeline.archived} job={selected} jobs={data.jobs} resources={resources} onClose={() => select(undefined)} />}
      </div>
    </section>
  )
}

const shapeOf = ({ name, inputs, outputs }: GraphJob): GraphJob => ({ name, ...(inputs && { inputs }), ...(outputs && { outputs }) })

interface PipelineGraphProps extends PipelineViewProps {
  readonly withResources: boolean
  readonly found: ReadonlySet<string> | undefined
  readonly onSelect: (job: string | undefined) => void
  readonly jobHref: (job: string) => string
}

function PipelineGraph({ route, data: { jobs, resources }, withResources, found, onSelect, jobHref }: PipelineGraphProps): preact.JSX.Element {
  // A build that starts or ends changes nothing of these.
  const laidOut = usePicture({ view: withResources ? 'resources' : 'jobs', jobs: jobs.map(shapeOf) })
  const byKey = new Map(jobs.map((job) => [jobKey(job.name), job]))
  const resourceOf = new Map(resources.map((resource) => [resource.name, resource]))
  if (laidOut.kind === 'loading') return <Skeleton />
  if (laidOut.kind === 'failed') return <GraphFailed> List shows the same jobs.</GraphFailed>
  const { picture } = laidOut
  const nodes = new Map(picture.nodes.map((node) => [node.key, node]))
  const look = (key: string): Look => {
    const job = byKey.get(key)
    if (job !== undefined) {
      const build = job.next_build ?? job.finished_build
      return { state: stateOfJob(job) ?? 'pending', last: lastOfJob(job), label: labelOfJob(job), href: jobHref(job.name), faded: found?.has(job.name) === false, ...(build !== undefined && { note: `#${build.name}` }) }
    }
    const node = nodes.get(key)
    const name = node?.name ?? ''
    // The config has it no more; the next picture is on its way.
    if (node?.kind === 'job') return { state: undefined, label: `${name}, gone`, href: jobHref(name) }
    const resource = resourceOf.get(name)
    const state = resource && stateOfResource(resource)
    const pinned = resource?.pinned_version !== undefined
    return {
      state,
      label: ['resource', name, ...(state === undefined ? [] : [`check ${state}`]), ...(pinned ? ['pinned'] : [])].join(', ').replace(', ', ' '),
      href: href({ page: 'resource', id: route.id, resource: name, filter: [] }),
      pinned,
      icon: iconPath(resource?.icon).value,
      faded: found !== undefined,
    }
  }
  const open = (key: string): void => {
    const job = byKey.get(key)
    if (job !== undefined) go(href({ page: 'job', id: route.id, job: job.name }))
  }
  const select = (key: string | undefined): void => {
    const name = key === undefined ? undefined : byKey.get(key)?.name
    if (key !== undefined && name === undefined) go(look(key).href)
    else onSelect(name)
  }
  return <Graph picture={picture} look={look} selected={route.job === undefined ? undefined : jobKey(route.job)} onSelect={select} onOpen={open} />
}
