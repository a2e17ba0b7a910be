import { computed, signal } from '@preact/signals'
import { formatRoute } from '../routes/format.ts'
import { parseRoute } from '../routes/parse.ts'
import type { Place, Route } from '../routes/route.ts'

const here = (): string => location.pathname + location.search + location.hash

const url = signal(here())

/** Where the page is. */
export const route = computed<Route>(() => parseRoute(url.value))

/** Of its own: what has links is not drawn again when another part of the URL changes. */
const hideUi = computed(() => route.value.hideUi === true)

/** Counted up by each navigation to another page, for focus and scrolling. */
export const arrivals = signal<{ readonly count: number; readonly scroll: number }>({ count: 0, scroll: (history.state as { scroll?: number } | null)?.scroll ?? 0 })

let claimed = -1

/** Once for each navigation: where to scroll to. Undefined: somebody has taken the focus before. */
export function claimArrival(): number | undefined {
  const { count, scroll } = arrivals.peek()
  if (claimed === count) return undefined
  claimed = count
  return scroll
}

/** The URL of a place, with `hide_ui` kept. */
export const href = (place: Place): string => formatRoute({ ...place, ...(hideUi.value && { hideUi: true as const }) })

/** Where the page was scrolled to is kept with its entry in the history. Back and Forward say so when the entry has changed already. */
function rememberScroll(): void {
  history.replaceState({ scroll: scrollY }, '')
}

export function go(to: string): void {
  rememberScroll()
  history.pushState({ scroll: 0 }, '', to)
  arrive(0)
}

/**
 * Changes the URL of the page that is shown, as a filter does: no new entry in the history, no scrolling.
 * @public
 */
export function replace(place: Place): void {
  history.replaceState(history.state, '', href(place))
  url.value = here()
}

function arrive(scroll: number): void {
  url.value = here()
  arrivals.value = { count: arrivals.value.count + 1, scroll }
}

/** A click on a link of ours that should open in this tab. */
function linkOf(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const written = link?.getAttribute('href')
  if (link === null || written == null || link.hasAttribute('download') || !['', '_self'].includes(link.getAttribute('target') ?? '')) return undefined
  // By its attribute: a link in an SVG has no properties for the parts of its URL, and would load the page anew.
  const url = URL.canParse(written, location.href) ? new URL(written, location.href) : undefined
  if (url?.origin !== location.origin) return undefined
  const to = url.pathname + url.search + url.hash
  // Pages of the login and files come from the server.
  return parseRoute(to).page === 'not-found' ? undefined : to
}

export function startNavigation(): void {
  history.scrollRestoration = 'manual'
  addEventListener('popstate', () => {
    const state = history.state as { scroll?: number } | null
    arrive(state?.scroll ?? 0)
  })
  addEventListener('pagehide', rememberScroll)
  addEventListener('scrollend', rememberScroll)
  document.addEventListener('click', (event) => {
    const to = linkOf(event)
    if (to === undefined) return
    event.preventDefault()
    go(to)
  })
}
