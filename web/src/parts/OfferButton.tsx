import type { ComponentChildren, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { useKeys } from './use-keys.tsx'
import { useOffer } from './use-offer.tsx'

export interface OfferButtonProps {
  readonly children: ComponentChildren
  /** What is read out, and listed in the palette. */
  readonly name: string
  /** Why it cannot be pressed. */
  readonly refusal?: string | undefined
  /** Said of it where it can be. */
  readonly title?: string | undefined
  readonly class?: string | undefined
  /** The key that presses it, as it is typed. */
  readonly typed?: string | undefined
  readonly busy?: boolean
  readonly pressed?: boolean
  readonly opensDialog?: boolean
  /** Gets the button. */
  readonly holder?: RefObject<HTMLButtonElement | null>
  readonly onPress: () => void
  /** Pressed by its key while it cannot be: nothing else on the page says why. */
  readonly onRefused?: (why: string) => void
}

/**
 * A button of the page, which the palette lists by the same words and with the same refusal, and which a key may press. The second click
 * of a double click does nothing, nor does a key that is held.
 */
export function OfferButton({ children, name, refusal, title, class: className = '', typed, busy, pressed, opensDialog = false, holder, onPress, onRefused }: OfferButtonProps): preact.JSX.Element {
  const own = useRef<HTMLButtonElement>(null)
  const button = holder ?? own
  const run = (): void => {
    if (busy === true) return
    if (refusal === undefined) onPress()
    else onRefused?.(refusal)
  }
  useOffer(button, { title: name, refusal, typed, run })
  useKeys(typed === undefined ? {} : { [typed]: [name, run, 'once'] })
  return (
    <button
      ref={button}
      class={className}
      aria-disabled={refusal !== undefined || busy === true}
      aria-label={children === name ? undefined : name}
      title={refusal ?? title}
      {...(busy !== undefined && { 'aria-busy': busy })}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      {...(opensDialog && { 'aria-haspopup': 'dialog' })}
      onClick={({ detail }) => refusal === undefined && detail <= 1 && run()}
      onKeyDown={(event) => event.repeat && event.preventDefault()}
    >
      {children}
    </button>
  )
}
