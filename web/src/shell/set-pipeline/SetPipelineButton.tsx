import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { OfferButton } from '../../parts/OfferButton.tsx'
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
      <OfferButton opensDialog name={label} class={name} refusal={refusal} onPress={() => setOpen(true)}>
        {label}
      </OfferButton>
      {open && <SetPipelineDialog {...dialog} onClose={() => setOpen(false)} />}
    </>
  )
}
