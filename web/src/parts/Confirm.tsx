import { useState } from 'preact/hooks'
import { Dialog } from './Dialog.tsx'
import { Command } from './Notice.tsx'
import css from './Dialog.module.css'

export interface ConfirmProps {
  readonly title: string
  readonly text: string
  /** Must be typed before. */
  readonly name?: string
  readonly label: string
  /** Of fly, that does the same. */
  readonly command?: string
  /** The button that leaves all as it is. */
  readonly cancel?: string
  readonly onConfirm: () => void
  readonly onCancel: () => void
}

/** Asks before something is done that is hard or impossible to take back. */
export function Confirm({ title, text, name, label, command, cancel = 'Cancel', onConfirm, onCancel }: ConfirmProps): preact.JSX.Element {
  const [typed, setTyped] = useState('')
  const ready = name === undefined || typed === name
  const submit = (event: Event): void => {
    event.preventDefault()
    if (ready) onConfirm()
  }
  return (
    <Dialog title={title} onCancel={onCancel}>
      <form onSubmit={submit}>
        <p>{text}</p>
        {name !== undefined && (
          <label>
            <span>
              Type <b>{name}</b> to confirm
            </span>
            <input value={typed} autocomplete="off" spellcheck={false} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
          </label>
        )}
        {command !== undefined && (
          <>
            <p class="dim">The same on the command line:</p>
            <Command>{command}</Command>
          </>
        )}
        <div class={css.buttons}>
          <button type="button" onClick={onCancel}>
            {cancel}
          </button>
          <button class="primary" aria-disabled={!ready}>
            {label}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
