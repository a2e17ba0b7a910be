import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import { OfferButton } from '../../parts/OfferButton.tsx'
import type { ManageDialogProps } from './ManageDialog.tsx'

const ManageDialog = loadedDialog(async () => (await import('./ManageDialog.tsx')).ManageDialog)

/** Opens what changes a pipeline as a whole: who sees it, its name, its archive and its end. */
export function Manage(props: Omit<ManageDialogProps, 'onClose'>): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <>
      <OfferButton opensDialog name="Manage…" title="Expose, rename, archive or destroy it" onPress={() => setOpen(true)}>
        Manage…
      </OfferButton>
      {open && <ManageDialog {...props} onClose={() => setOpen(false)} />}
    </>
  )
}
