import { Skeleton } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { usePipeline } from '../../store/pipeline.ts'
import type { PageProps } from '../registry.ts'
import { ResourceView } from './ResourceView.tsx'

/** `/teams/T/pipelines/P/resources/R`: its checks, its versions, and what they went through. */
export default function ResourcePage({ route }: PageProps<'resource'>): preact.JSX.Element {
  const state = usePipeline(route.id)
  const refused = (status: number) => <RefusedPage status={status} subject={`resource ${route.resource}`} team={route.id.team} />
  switch (state.kind) {
    case 'loading':
      return <Skeleton />
    case 'refused':
      return refused(state.status)
    case 'failed':
      return <FailedPage subject={`resource ${route.resource}`} error={state.error} retry={state.retry} />
    case 'ready': {
      const resource = state.data.resources.find(({ name }) => name === route.resource)
      return resource === undefined ? refused(404) : <ResourceView route={route} resource={resource} data={state.data} />
    }
  }
}
