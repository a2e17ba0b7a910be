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

interface Place {
  readonly element: () => Element | null
  readonly offer: () => Offer
}

const places = new Set<Place>()

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

/** Those of the page as it is shown now, in its order, one of each title. */
export function offered(): readonly Offer[] {
  const shown = [...places].flatMap(({ element, offer }) => {
    const at = element()
    return at === null ? [] : [{ at, offer: offer() }]
  })
  const inOrder = shown.toSorted((a, b) => ((a.at.compareDocumentPosition(b.at) & Node.DOCUMENT_POSITION_FOLLOWING) === 0 ? 1 : -1))
  return [...new Map(inOrder.toReversed().map(({ offer }) => [offer.title, offer])).values()].toReversed()
}
