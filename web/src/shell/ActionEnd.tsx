import buttons from '../parts/Dialog.module.css'
import { Command } from '../parts/Notice.tsx'
import type { Action } from '../store/action.ts'
import { ActionButton } from './ActionButton.tsx'
import { Refusal } from './Refusal.tsx'

export interface ActionEndProps {
  readonly action: Action
  /** Why the server refused it. */
  readonly refused: string | undefined
  readonly onRefused: (why: string) => void
  readonly onCancel: () => void
  readonly onDone: () => void
}

/** The end of a dialog that prepares an action: why it was refused, the same for the command line, and the buttons. */
export function ActionEnd({ action, refused, onRefused, onCancel, onDone }: ActionEndProps): preact.JSX.Element {
  return (
    <>
      <Refusal why={refused} />
      <p class="dim">The same on the command line:</p>
      <Command>{action.fly}</Command>
      <div class={buttons.buttons}>
        <button onClick={onCancel}>Cancel</button>
        <ActionButton primary action={action} onDone={onDone} onRefused={onRefused} />
      </div>
    </>
  )
}
