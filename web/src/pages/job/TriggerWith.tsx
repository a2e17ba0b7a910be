import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { trigger, type JobNow } from '../../store/pipeline-actions.ts'
import css from './TriggerWith.module.css'

const TriggerChoice = loadedDialog(async () => (await import('./TriggerChoice.tsx')).TriggerChoice)

export interface TriggerWithProps {
  readonly now: JobNow
  /** Absent: not known; the server refuses it then. */
  readonly disabled?: boolean | undefined
  /** What is read out, where the label alone does not say of what. */
  readonly name?: string
}

/** Trigger, and beside it what asks for versions of inputs and params of tasks first. */
export function TriggerWith({ now, disabled = false, name }: TriggerWithProps): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const plain = trigger(now, disabled)
  const refusal = refusalOf(plain)
  return (
    <span class={css.pair}>
      <ActionButton primary action={plain} {...(name !== undefined && { name })} />
      <button class="primary" aria-haspopup="dialog" aria-label="Trigger with…" aria-disabled={refusal !== undefined} title={refusal ?? 'Choose versions of inputs and params of tasks for one build'} onClick={() => refusal === undefined && setOpen(true)}>
        ▾
      </button>
      {open && <TriggerChoice now={now} onClose={() => setOpen(false)} />}
    </span>
  )
}
