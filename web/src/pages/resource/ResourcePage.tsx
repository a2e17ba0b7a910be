import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { usePipeline } from '../../store/pipeline.ts'
import { loginUrl, user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import { ResourceView } from './ResourceView.tsx'

/** `/teams/T/pipelines/P/resources/R`: its checks, its versions, and what they went through. */
export default function ResourcePage({ route }: PageProps<'resource'>): preact.JSX.Element {
  const state = usePipeline(route.id)
  const refused = (status: number) => <Refused status={status} subject={`resource ${route.resource}`} loginUrl={loginUrl()} team={route.id.team} {...(user.value !== undefined && { person: user.value.name })} />
  switch (state.kind) {
    case 'loading':
      return <Skeleton />
    case 'refused':
      return refused(state.status)
    case 'failed':
      return <Failure error={state.error} retry={state.retry} />
    case 'ready': {
      const resource = state.data.resources.find(({ name }) => name === route.resource)
      return resource === undefined ? refused(404) : <ResourceView route={route} resource={resource} data={state.data} />
    }
  }
}
