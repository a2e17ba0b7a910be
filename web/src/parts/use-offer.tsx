import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { addOffer, offersChanged, type Offer } from './offers.ts'

/** Offers what a button does while that is shown. */
export function useOffer(button: RefObject<Element | null>, offer: Offer): void {
  const current = useRef(offer)
  current.current = offer
  useEffect(() => addOffer({ element: () => button.current, offer: () => ({ ...current.current, run: () => current.current.run() }) }), [])
  const { title, refusal } = offer
  useEffect(() => {
    offersChanged.value = offersChanged.peek() + 1
  }, [title, refusal])
}
