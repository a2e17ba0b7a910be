import { useEffect, useState } from 'preact/hooks'
import { loadedDialog } from '../../parts/loaded-dialog.tsx'
import css from './PaletteButton.module.css'

const Palette = loadedDialog(async () => (await import('./Palette.tsx')).Palette)

/** Opens the palette, as Ctrl-K does everywhere. */
export function PaletteButton(): preact.JSX.Element {
  const [{ open, next }, setState] = useState<{ readonly open: boolean; readonly next?: (() => void) | undefined }>({ open: false })
  // What was chosen is done when the palette is gone and the focus is back where it was.
  useEffect(() => next?.(), [next])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      event.preventDefault()
      setState({ open: true })
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <button class={css.search} aria-keyshortcuts="Control+K" onClick={() => setState({ open: true })}>
        <svg class={css.glass} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M11 6.5a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M10 10l4 4" fill="none" stroke="currentColor" stroke-width="1.6" />
        </svg>
        <span class={css.text}>Search pipelines, jobs, versions, builds</span>
        <span class={css.short} aria-hidden="true">
          Search
        </span>
        <kbd>Ctrl K</kbd>
      </button>
      {open && <Palette onClose={(deed) => setState({ open: false, next: deed })} />}
    </>
  )
}
