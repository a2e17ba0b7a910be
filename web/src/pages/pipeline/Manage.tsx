import { useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import type { ManageDialogProps } from './ManageDialog.tsx'

const ManageDialog = loadedDialog(async () => (await import('./ManageDialog.tsx')).ManageDialog)

/** Opens what changes a pipeline as a whole: who sees it, its name, its archive and its end. */
export function Manage(props: Omit<ManageDialogProps, 'onClose'>): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button aria-haspopup="dialog" title="Expose, rename, archive or destroy it" onClick={() => setOpen(true)}>
        Manage…
      </button>
      {open && <ManageDialog {...props} onClose={() => setOpen(false)} />}
    </>
  )
}
