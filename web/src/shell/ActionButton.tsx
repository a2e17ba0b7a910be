import { useState } from 'preact/hooks'
import { Confirm } from '../parts/Confirm.tsx'
import { perform, refusalOf, type Action } from '../store/action.ts'

export interface ActionButtonProps {
  readonly action: Action
  readonly primary?: boolean
  /** What is read out, where the label alone does not say of what: `disable version 3`. */
  readonly name?: string
  readonly onDone?: () => void
}

/** Does an action once at a time: while the server is at it the button is busy, and a second click does nothing. */
export function ActionButton({ action, primary = false, name, onDone }: ActionButtonProps): preact.JSX.Element {
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const refusal = refusalOf(action)
  const act = async (): Promise<void> => {
    if (busy) return
    setBusy(true)
    setAsking(false)
    const done = await perform(action)
    setBusy(false)
    if (done) onDone?.()
  }
  const click = (): void => {
    if (refusal !== undefined || busy) return
    if (action.confirm === undefined) void act()
    else setAsking(true)
  }
  return (
    <>
      <button class={primary ? 'primary' : ''} aria-disabled={refusal !== undefined || busy} aria-busy={busy} aria-label={name} title={refusal ?? action.fly} onClick={click}>
        {action.label}
      </button>
      {asking && action.confirm !== undefined && <Confirm {...action.confirm} label={action.label} command={action.fly} onConfirm={() => void act()} onCancel={() => setAsking(false)} />}
    </>
  )
}
