import { Skeleton } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { useBuild, useBuildId, type BuildRoute } from '../../store/build.ts'
import { BuildView } from './BuildView.tsx'

/** A build of a job, a one-off or a check. */
export default function BuildPage({ route }: { readonly route: BuildRoute }): preact.JSX.Element {
  const found = useBuildId(route)
  const id = found.kind === 'ready' ? found.value.id : undefined
  const state = useBuild(id)
  const subject = route.page === 'job-build' ? `build #${route.build} of job ${route.job}` : `build ${route.build}`
  const refused = (status: number): preact.JSX.Element => {
    const team = route.page === 'job-build' ? { team: route.id.team } : {}
    return <RefusedPage status={status} subject={subject} {...team} />
  }
  if (found.kind === 'failed') return [401, 403, 404, 410].includes(found.error.status) ? refused(found.error.status) : <FailedPage subject={subject} error={found.error} retry={found.retry} />
  switch (state.kind) {
    case 'loading': return <Skeleton rows={12} />
    case 'refused': return refused(state.status)
    case 'ready': return <BuildView key={state.data.build.id} route={route} data={state.data} gone={state.gone === true} />
  }
}
