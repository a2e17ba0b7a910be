import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { plainText } from '../parts/plain-text.ts'
import type { State } from '../parts/state.ts'
import { claimArrival, arrivals } from '../store/navigation.ts'
import { restoreScroll } from './restore-scroll.ts'

export interface HeadingProps {
  readonly children: ComponentChildren
  /** Of the tab: `unit #318 failed`. */
  readonly title: string
  readonly class?: string | undefined
  /** Shown in the tab, too. */
  readonly state?: State | undefined
}

/**
 * The h1 of a page, which there is one of. Render it with the page's content: it takes the focus after a navigation, so that screen
 * readers begin there, and scrolls to where the page was left.
 */
export function Heading({ children, title, class: className, state }: HeadingProps): preact.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  const { count } = arrivals.value
  useEffect(() => {
    document.title = plainText(`${title} · Airside`)
  }, [title])
  useEffect(() => {
    if (state === undefined) return undefined
    let shown = true
    // Its code is loaded where a page has a state: the first page has none. Without it the tab has Airside's icon.
    const favicon = import('../parts/favicon.ts').catch(() => undefined)
    void favicon.then((module) => shown && module?.showFavicon(state))
    return () => {
      shown = false
      void favicon.then((module) => module?.showFavicon(undefined))
    }
  }, [state])
  useLayoutEffect(() => {
    const scroll = claimArrival()
    if (scroll === undefined) return
    heading.current?.focus({ preventScroll: true })
    restoreScroll(scroll)
  }, [count])
  return (
    <h1 ref={heading} tabIndex={-1} class={className}>
      {children}
    </h1>
  )
}
