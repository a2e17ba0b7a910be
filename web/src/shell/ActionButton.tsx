import { useState } from 'preact/hooks'
import { Confirm } from '../parts/Confirm.tsx'
import { perform, refusalOf, type Action } from '../store/action.ts'

export interface ActionButtonProps {
  readonly action: Action
  readonly primary?: boolean
  /** What is read out, where the label alone does not say of what: `disable version 3`. */
  readonly name?: string
  readonly onDone?: () => void
  /** Shows why it was not done, where the page has a better place for that than a message. */
  readonly onRefused?: (why: string) => void
}

/**
 * Does an action once: neither the second click of a double click nor a key that is held does it again, however fast the server was, and
 * nothing does while the button is busy.
 */
export function ActionButton({ action, primary = false, name, onDone, onRefused }: ActionButtonProps): preact.JSX.Element {
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const refusal = refusalOf(action)
  const act = async (): Promise<void> => {
    if (busy) return
    setBusy(true)
    setAsking(false)
    const done = await perform(action, onRefused)
    setBusy(false)
    if (done) onDone?.()
  }
  const click = (event: MouseEvent): void => {
    if (refusal !== undefined || busy || event.detail > 1) return
    if (action.confirm === undefined) void act()
    else setAsking(true)
  }
  return (
    <>
      <button class={primary ? 'primary' : ''} aria-disabled={refusal !== undefined || busy} aria-busy={busy} aria-label={name} title={refusal ?? action.fly} onClick={click} onKeyDown={(event) => event.repeat && event.preventDefault()}>
        {action.label}
      </button>
      {asking && action.confirm !== undefined && <Confirm {...action.confirm} label={action.label} command={action.fly} onConfirm={() => void act()} onCancel={() => setAsking(false)} />}
    </>
  )
}
