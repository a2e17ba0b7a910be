import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import type { SetPipelineDialogProps } from './SetPipelineDialog.tsx'

const SetPipelineDialog = loadedDialog(async () => (await import('./SetPipelineDialog.tsx')).SetPipelineDialog)

export interface SetPipelineButtonProps extends Omit<SetPipelineDialogProps, 'onClose'> {
  readonly label: string
  readonly class?: string | undefined
  /** Why it cannot be done. */
  readonly refusal?: string | undefined
}

/** Opens the dialog that takes a config. */
export function SetPipelineButton({ label, class: name = '', refusal, ...dialog }: SetPipelineButtonProps): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button class={name} aria-haspopup="dialog" aria-disabled={refusal !== undefined} title={refusal} onClick={() => refusal === undefined && setOpen(true)}>
        {label}
      </button>
      {open && <SetPipelineDialog {...dialog} onClose={() => setOpen(false)} />}
    </>
  )
}
