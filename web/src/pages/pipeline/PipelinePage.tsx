import { Empty, Skeleton } from '../../parts/Notice.tsx'
import { Command } from '../../parts/Notice.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { usePipeline } from '../../store/pipeline.ts'
import { fly, flyPipeline } from '../../store/fly.ts'
import { loginUrl, user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import { PipelineView } from './PipelineView.tsx'

/** `/teams/T/pipelines/P`: its jobs as a graph or a list, and what the selected one does and waits for. */
export default function PipelinePage({ route }: PageProps<'pipeline'>): preact.JSX.Element {
  const state = usePipeline(route.id)
  switch (state.kind) {
    case 'loading':
      return <Skeleton />
    case 'refused':
      return <Refused status={state.status} subject={`pipeline ${route.id.pipeline}`} loginUrl={loginUrl()} team={route.id.team} {...(user.value !== undefined && { person: user.value.name })} />
    case 'failed':
      return <Failure error={state.error} retry={state.retry} />
    case 'ready':
      return state.data.jobs.length === 0 ? (
        <Empty title="This pipeline has no jobs">
          <p>Jobs are written in its config. Set it with:</p>
          <Command>{fly('set-pipeline', '-p', flyPipeline(route.id), '-c', 'pipeline.yml')}</Command>
        </Empty>
      ) : (
        <PipelineView route={route} data={state.data} />
      )
  }
}
