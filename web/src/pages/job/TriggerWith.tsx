import { useState } from 'preact/hooks'
import type { Job } from '../../api/types.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { trigger, type JobNow } from '../../store/pipeline-actions.ts'
import { TriggerDialog } from './TriggerDialog.tsx'

/** Trigger, and beside it what asks for versions of inputs and params of tasks first. */
export function TriggerWith({ now, job }: { readonly now: JobNow; readonly job: Job }): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const plain = trigger(now, job.disable_manual_trigger)
  const refusal = refusalOf(plain)
  return (
    <>
      <ActionButton primary action={plain} />
      <button aria-haspopup="dialog" aria-disabled={refusal !== undefined} title={refusal ?? 'Choose versions of inputs and params of tasks for one build'} onClick={() => refusal === undefined && setOpen(true)}>
        Trigger with…
      </button>
      {open && <TriggerDialog now={now} job={job} onClose={() => setOpen(false)} />}
    </>
  )
}
