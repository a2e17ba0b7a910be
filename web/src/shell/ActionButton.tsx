import { useRef, useState } from 'preact/hooks'
import { Confirm } from '../parts/Confirm.tsx'
import { OfferButton } from '../parts/OfferButton.tsx'
import { useKeptFocus } from '../parts/use-kept-focus.ts'
import { perform, refusalOf, sayRefused, type Action } from '../store/action.ts'

export interface ActionButtonProps {
  readonly action: Action
  readonly primary?: boolean
  /** What is read out, where the label alone does not say of what: `disable version 3`. */
  readonly name?: string
  /** The key that does it on this page, as it is typed. */
  readonly typed?: string | undefined
  readonly onDone?: () => void
  /** Shows why it was not done, where the page has a better place for that than a message. */
  readonly onRefused?: (why: string) => void
}

/**
 * Does an action once: neither the second click of a double click nor a key that is held does it again, however fast the server was, and
 * nothing does while the button is busy.
 */
export function ActionButton({ action, primary = false, name, typed, onDone, onRefused }: ActionButtonProps): preact.JSX.Element {
  const button = useRef<HTMLButtonElement>(null)
  // What it did may take it away: there is no Pin on a version that is pinned.
  useKeptFocus(button)
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const act = async (): Promise<void> => {
    if (busy) return
    setBusy(true)
    setAsking(false)
    const done = await perform(action, onRefused)
    setBusy(false)
    if (done) onDone?.()
  }
  return (
    <>
      <OfferButton
        holder={button}
        name={name ?? action.label}
        class={primary ? 'primary' : ''}
        refusal={refusalOf(action)}
        title={action.fly}
        typed={typed}
        busy={busy}
        onPress={() => (action.confirm === undefined ? void act() : setAsking(true))}
        onRefused={(why) => sayRefused(action, why)}
      >
        {action.label}
      </OfferButton>
      {asking && action.confirm !== undefined && <Confirm {...action.confirm} label={action.label} command={action.fly} onConfirm={() => void act()} onCancel={() => setAsking(false)} />}
    </>
  )
}
