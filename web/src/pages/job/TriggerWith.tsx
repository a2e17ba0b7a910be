import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { trigger, type JobNow } from '../../store/job-actions.ts'
import css from './TriggerWith.module.css'

const TriggerChoice = loadedDialog(async () => (await import('./TriggerChoice.tsx')).TriggerChoice)

export interface TriggerWithProps {
  readonly now: JobNow
  /** Absent: not known; the server refuses it then. */
  readonly disabled?: boolean | undefined
  /** What is read out, where the label alone does not say of what. */
  readonly name?: string
  /** The key that triggers it on this page, as it is typed. */
  readonly typed?: string | undefined
}

/** Trigger, and beside it what asks for versions of inputs and params of tasks first. */
export function TriggerWith({ now, disabled = false, name, typed }: TriggerWithProps): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const plain = trigger(now, disabled)
  return (
    <span class={css.pair}>
      <ActionButton primary action={plain} typed={typed} {...(name !== undefined && { name })} />
      <OfferButton class="primary" opensDialog name={`${name ?? plain.label} with…`} refusal={refusalOf(plain)} title="Choose versions of inputs and params of tasks for one build" onPress={() => setOpen(true)}>
        ▾
      </OfferButton>
      {open && <TriggerChoice now={now} onClose={() => setOpen(false)} />}
    </span>
  )
}
