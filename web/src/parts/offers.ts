import { signal } from '@preact/signals'

/** Something that the page can do now. Its button, its key and the palette have it from here. */
export interface Offer {
  /** As its button is read out: `Rerun #3`. */
  readonly title: string
  /** Why it cannot be done. */
  readonly refusal: string | undefined
  /** The key that does it, as it is typed. */
  readonly typed?: string | undefined
  readonly run: () => void
}

/** Where it is on the page, and what it is now. */
interface Place {
  readonly element: () => Element | null
  readonly offer: () => Offer
}

export const places = new Set<Place>()

/** Counted up when what is offered has changed. */
export const offersChanged = signal(0)

/** Until the function that it returns is called. */
export function addOffer(place: Place): () => void {
  places.add(place)
  offersChanged.value = offersChanged.peek() + 1
  return () => {
    places.delete(place)
    offersChanged.value = offersChanged.peek() + 1
  }
}
