import { useRef, useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { useOffer } from '../../parts/use-offer.tsx'
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
  const button = useRef<HTMLButtonElement>(null)
  const press = (): void => setOpen(refusal === undefined)
  // No OfferButton: the first page does not load that.
  useOffer(button, { title: label, refusal, run: press })
  return (
    <>
      <button ref={button} class={name} aria-haspopup="dialog" aria-disabled={refusal !== undefined} title={refusal} onClick={press}>
        {label}
      </button>
      {open && <SetPipelineDialog {...dialog} onClose={() => setOpen(false)} />}
    </>
  )
}
