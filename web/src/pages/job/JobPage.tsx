import type { Job, Pipeline } from '../../api/types.ts'
import { Skeleton } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { apiPath } from '../../store/paths.ts'
import { useJob } from '../../store/job.ts'
import { useAnswer } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import { JobView } from './JobView.tsx'

/** `/teams/T/pipelines/P/jobs/J`: its builds, and when there will be the next. */
export default function JobPage({ route }: PageProps<'job'>): preact.JSX.Element {
  const { id, job } = route
  const named = useAnswer<Job>(apiPath(id, ['jobs', job]))
  const pipeline = useAnswer<Pipeline>(apiPath(id))
  const state = useJob({ id, job, jobId: named.kind === 'ready' ? named.value.id : undefined })
  const refused = (status: number) => <RefusedPage status={status} subject={`job ${job}`} team={id.team} />
  for (const answer of [named, pipeline]) {
    if (answer.kind === 'failed') return answer.error.status >= 400 && answer.error.status < 500 ? refused(answer.error.status) : <FailedPage subject={`job ${job}`} error={answer.error} retry={answer.retry} />
  }
  if (state.kind === 'refused') return refused(state.status)
  if (state.kind === 'loading' || pipeline.kind !== 'ready') return <Skeleton />
  return <JobView route={route} data={state.data} archived={pipeline.value.archived} pipelinePaused={pipeline.value.paused} />
}
