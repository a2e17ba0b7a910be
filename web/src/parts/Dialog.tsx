import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import css from './Dialog.module.css'

export interface DialogProps {
  readonly title: string
  readonly children: ComponentChildren
  /** For text with long lines. */
  readonly wide?: boolean
  /** Escape. */
  readonly onCancel: () => void
}

/** A modal dialog: the rest of the page is inert while it is open, and the focus goes back to where it was. */
export function Dialog({ title, children, wide = false, onCancel }: DialogProps): preact.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`${css.dialog} ${wide ? css.wide : ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onCancel()
      }}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}
