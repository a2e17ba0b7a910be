import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import css from './PaletteButton.module.css'

type Palette = ComponentType<{ readonly onClose: () => void }>

/** Opens the palette, as Ctrl-K does everywhere; its code is loaded then. */
export function PaletteButton(): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const [palette, setPalette] = useState<{ readonly Shown: Palette }>()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      event.preventDefault()
      setOpen(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  useEffect(() => {
    if (!open || palette !== undefined) return
    import('./Palette.tsx').then(({ Palette: Shown }) => setPalette({ Shown }), () => setOpen(false))
  }, [open, palette])
  return (
    <>
      <button class={css.search} aria-keyshortcuts="Control+K" onClick={() => setOpen(true)}>
        <span class={css.text}>Search pipelines, builds, pages</span>
        <kbd>Ctrl K</kbd>
      </button>
      {open && palette !== undefined && <palette.Shown onClose={() => setOpen(false)} />}
    </>
  )
}
