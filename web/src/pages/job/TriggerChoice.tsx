import type { Job } from '../../api/types.ts'
import { Dialog } from '../../parts/Dialog.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { apiPath } from '../../store/paths.ts'
import type { JobNow } from '../../store/job-actions.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { TriggerDialog } from './TriggerDialog.tsx'

/** The dialog for versions and params, on a page that knows no more of the job than its name. */
export function TriggerChoice({ now, onClose }: { readonly now: JobNow; readonly onClose: () => void }): preact.JSX.Element {
  const job = useAnswer<Job>(apiPath(now.id, ['jobs', now.job]))
  if (job.kind === 'ready') return <TriggerDialog now={now} job={job.value} onClose={onClose} />
  return (
    <Dialog title={`Trigger ${now.job} with…`} onCancel={onClose}>
      {job.kind === 'failed' ? <Failure error={job.error} retry={job.retry} /> : <Skeleton rows={3} />}
    </Dialog>
  )
}
