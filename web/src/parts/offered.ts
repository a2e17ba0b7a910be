// Apart from where offers are made: only the palette asks for them, whose code the first page does not load.
import { places, type Offer } from './offers.ts'

/** What buttons of the page offer as it is shown now, in the page’s order, one of each title. */
export function offered(): readonly Offer[] {
  const shown = [...places].flatMap(({ element, offer }) => {
    const at = element()
    return at === null ? [] : [{ at, offer: offer() }]
  })
  const inOrder = shown.toSorted((a, b) => ((a.at.compareDocumentPosition(b.at) & Node.DOCUMENT_POSITION_FOLLOWING) === 0 ? 1 : -1))
  return [...new Map(inOrder.toReversed().map(({ offer }) => [offer.title, offer])).values()].toReversed()
}
