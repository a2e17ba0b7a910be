import { Skeleton } from '../../parts/Notice.tsx'
import { Command } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { EmptyPage, RefusedPage } from '../../shell/StatePages.tsx'
import { usePipeline } from '../../store/pipeline.ts'
import { fly, flyPipeline } from '../../store/fly.ts'
import type { PageProps } from '../registry.ts'
import { Manage } from './Manage.tsx'
import { PipelineView } from './PipelineView.tsx'

/** `/teams/T/pipelines/P`: its jobs as a graph or a list, and what the selected one does and waits for. */
export default function PipelinePage({ route }: PageProps<'pipeline'>): preact.JSX.Element {
  const state = usePipeline(route.id)
  switch (state.kind) {
    case 'loading':
      return <Skeleton />
    case 'refused':
      return <RefusedPage status={state.status} subject={`pipeline ${route.id.pipeline}`} team={route.id.team} />
    case 'failed':
      return <FailedPage subject={`pipeline ${route.id.pipeline}`} error={state.error} retry={state.retry} />
    case 'ready':
      return state.data.jobs.length === 0 ? (
        <EmptyPage title={state.data.pipeline.archived ? `Pipeline ${route.id.pipeline} is archived` : `Pipeline ${route.id.pipeline} has no jobs`}>
          <p>{state.data.pipeline.archived ? 'Its jobs do not run, and its config is not kept. Setting it again brings it and its builds back:' : 'Jobs are written in its config. Set it with:'}</p>
          <Command>{fly('set-pipeline', '-p', flyPipeline(route.id), '-c', 'pipeline.yml')}</Command>
          <Manage id={route.id} pipeline={state.data.pipeline} />
        </EmptyPage>
      ) : (
        <PipelineView route={route} data={state.data} />
      )
  }
}
